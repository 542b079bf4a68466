"""Traces of one process: spans are recorded after the fact, and kept when they matter.

`sampling` decides, `export` sends. When one process keeps a trace it announces that, and the
others, on hearing it, give out what they hold of the same trace.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol

from tidegate_chassis.telemetry import names
from tidegate_chassis.telemetry.export import SpanExport
from tidegate_chassis.telemetry.metrics import PROCESS
from tidegate_chassis.telemetry.sampling import Link, SamplingLimits, Span, TailSampler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Attributes = dict[str, str | int | float | bool]


class TraceSettings(Protocol):
    """What tracing needs to know of a process's settings."""

    @property
    def otlp_endpoint(self) -> str | None:
        """The collector's address, such as http://127.0.0.1:4318; None traces nothing."""

    @property
    def trace_one_in(self) -> int:
        """Of how many traces that cause nothing one is kept; 0 keeps none."""


def _tell_nobody(trace_id: bytes) -> None:
    del trace_id


class Tracing:
    """Records spans. Without an endpoint every call returns at once.

    ``announce`` is called once for each trace that this process is the first to keep; set it when
    the bus is there. It must not block.
    """

    def __init__(
        self,
        service: str,
        endpoint: str | None,
        limits: SamplingLimits | None = None,
        announce: Callable[[bytes], None] = _tell_nobody,
    ) -> None:
        """Start the export thread when there is an endpoint."""
        self.announce = announce
        self._sampler = TailSampler(limits or SamplingLimits())
        self._export = SpanExport(service, endpoint) if endpoint else None
        self._lock = threading.Lock()

    def record_span(  # noqa: PLR0913, PLR0917 - the fields of a span
        self,
        name: str,
        trace_id: bytes,
        span_id: bytes,
        parent_span_id: bytes,
        start_ns: int,
        end_ns: int,
        attributes: Attributes,
        links: Sequence[Link] = (),
    ) -> None:
        """Record a finished span; ``parent_span_id`` is empty for the first of a trace."""
        export = self._export
        if export is None:
            return
        span = Span(name, trace_id, span_id, parent_span_id, start_ns, end_ns, attributes, links)
        with self._lock:
            goes_out = self._sampler.offer(span, time.monotonic_ns())
        if goes_out:
            export.put(span)

    def keep(self, trace_id: bytes, *, announce: bool = True) -> None:
        """Keep a trace, also what comes of it later; ``announce`` False when told by another."""
        export = self._export
        if export is None:
            return
        with self._lock:
            spans = self._sampler.keep(trace_id, time.monotonic_ns())
            is_chosen = self._sampler.is_chosen(trace_id)
        if spans is None:
            return
        for span in spans:
            export.put(span)
        self._count_forgotten()
        if announce and not is_chosen:
            self.announce(trace_id)

    def flush(self, patience_s: float = 5.0) -> bool:
        """Wait until every kept span so far has been sent or dropped."""
        self._count_forgotten()
        return self._export is None or self._export.flush(patience_s)

    def close(self) -> None:
        """Send what is kept, for a while, and stop; what is undecided is forgotten."""
        self._count_forgotten()
        if self._export is not None:
            self._export.close()
            self._export = None

    def _count_forgotten(self) -> None:
        with self._lock:
            forgotten: Mapping[names.SpanOutcome, int] = self._sampler.forgotten
            self._sampler.forgotten = dict.fromkeys(forgotten, 0)
        for outcome, count in forgotten.items():
            PROCESS.count(names.SPANS, (outcome.value,), count)


def make_tracing(
    service: str, settings: TraceSettings, announce: Callable[[bytes], None] = _tell_nobody
) -> Tracing | None:
    """Return the process's tracing, or None when no collector is configured."""
    if settings.otlp_endpoint is None:
        return None
    limits = SamplingLimits(one_in=settings.trace_one_in)
    return Tracing(service, settings.otlp_endpoint, limits, announce)
