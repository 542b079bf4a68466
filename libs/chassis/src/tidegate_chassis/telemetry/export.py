"""Spans leave by OTLP over HTTP, from a thread of their own: trading never waits for them.

A batch that the collector does not take is offered again for a while, so it may arrive twice;
span ids say so. The queue is bounded. When the collector stays slow or away, spans are dropped
and counted, and nothing else happens.
"""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import structlog

from tidegate_chassis.telemetry import names
from tidegate_chassis.telemetry.metrics import PROCESS
from tidegate_chassis.telemetry.names import SpanOutcome

if TYPE_CHECKING:
    from tidegate_chassis.telemetry.sampling import Span

LOG = structlog.get_logger("traces")
QUEUE_SPANS_MAX: Final = 10_000
BATCH_SPANS_MAX: Final = 512
BATCH_WAIT_S: Final = 0.2
EXPORT_TIMEOUT_S: Final = 3
GIVE_UP_S: Final = 20.0
_PATH: Final = "/v1/traces"


class SpanExport:
    """A queue and the thread that empties it."""

    def __init__(self, service: str, endpoint: str) -> None:
        """Start the thread; ``endpoint`` is a collector's address such as http://host:4318."""
        from tidegate_chassis.telemetry.otlp import OtlpWriter  # noqa: PLC0415 - imports the SDK

        instance = f"{socket.gethostname()}:{os.getpid()}"
        url = endpoint if endpoint.endswith(_PATH) else endpoint.rstrip("/") + _PATH
        self._writer = OtlpWriter(service, instance, url, EXPORT_TIMEOUT_S)
        self._queue: queue.Queue[Span | threading.Event] = queue.Queue(QUEUE_SPANS_MAX)
        self._is_failing = False
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="trace export", daemon=True)
        self._thread.start()

    def put(self, span: Span) -> None:
        """Hand a span over; it is dropped when the queue is full."""
        try:
            self._queue.put_nowait(span)
        except queue.Full:
            PROCESS.count(names.SPANS, (SpanOutcome.OVERFLOWED.value,))

    def flush(self, patience_s: float) -> bool:
        """Wait until everything handed over before has been sent or dropped."""
        reached = threading.Event()
        try:
            self._queue.put(reached, timeout=patience_s)
        except queue.Full:
            return False
        return reached.wait(patience_s)

    def close(self, patience_s: float = 2.0) -> None:
        """Send what is left, for a while, and end the thread."""
        self.flush(patience_s)
        self._closed.set()
        self._writer.close()
        self._thread.join(patience_s)

    def _run(self) -> None:
        while not self._closed.is_set():
            spans, reached = self._batch()
            if spans:
                self._send(spans)
            for event in reached:
                event.set()

    def _batch(self) -> tuple[list[Span], list[threading.Event]]:
        spans: list[Span] = []
        reached: list[threading.Event] = []
        deadline_s = time.monotonic() + BATCH_WAIT_S
        while len(spans) < BATCH_SPANS_MAX and not reached:
            try:
                taken = self._queue.get(timeout=max(0.0, deadline_s - time.monotonic()))
            except queue.Empty:
                break
            if isinstance(taken, threading.Event):
                reached.append(taken)
            else:
                spans.append(taken)
        return spans, reached

    def _send(self, spans: list[Span]) -> None:
        give_up_s = time.monotonic() + GIVE_UP_S
        while not (is_sent := self._writer.write(spans)):
            self._tell(is_sent=False)
            if self._closed.is_set() or time.monotonic() > give_up_s:
                break
            self._closed.wait(BATCH_WAIT_S)
        self._tell(is_sent=is_sent)
        outcome = SpanOutcome.EXPORTED if is_sent else SpanOutcome.FAILED
        PROCESS.count(names.SPANS, (outcome.value,), len(spans))

    def _tell(self, *, is_sent: bool) -> None:
        if is_sent == self._is_failing:
            self._is_failing = not is_sent
            say: Any = LOG.info if is_sent else LOG.warning
            say("trace collector answers" if is_sent else "trace collector does not take spans")
