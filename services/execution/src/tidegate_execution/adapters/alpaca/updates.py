"""The private stream of one account, in a thread of its own, with a watchdog.

1. Every update goes to ``hear`` as it came.
2. Nothing is replayed after a connection was lost. So whenever a connection listens, the first
   one too, ``ask_again`` is called: the account is to be compared.
3. A stream can stay connected and say nothing. It never has to speak while nothing happens; but of
   an order that the venue has taken it must speak. If it does not within 5 s, the connection is
   made anew.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from tidegate_execution.adapters.alpaca.fields import Document, document_of

if TYPE_CHECKING:
    from tidegate_chassis.venues.alpaca import Credentials
    from tidegate_execution.adapters.alpaca.listening_stream import ListeningStream

LOG = structlog.get_logger("alpaca")
MUTE_AFTER_S = 5.0
LOOK_S = 1.0
STOP_S = 7.0
RESTART_S = 1.0


class Updates:
    """One stream. ``hear`` and ``ask_again`` are called from its thread, and must not raise."""

    def __init__(
        self,
        credentials: Credentials,
        url: str,
        hear: Callable[[Document], None],
        ask_again: Callable[[str], None],
    ) -> None:
        self._credentials = credentials
        self._url = url
        self._hear = hear
        self._ask_again = ask_again
        self._stream: ListeningStream | None = None
        self._thread = threading.Thread(target=self._run, name="alpaca-updates", daemon=True)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        # Client order ids of which the stream must speak, and until when.
        self._awaited: dict[str, float] = {}
        # Connections that have listened so far.
        self.listened = 0

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._stopping.set()
        if self._stream is not None:
            self._stream.end()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def expect(self, client_order_id: str) -> None:
        """The venue has taken an order: the stream must speak of it soon."""
        with self._lock:
            self._awaited.setdefault(client_order_id, time.monotonic() + MUTE_AFTER_S)

    async def watch(self) -> None:
        """For ever: begin anew when the stream has gone mute."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.look_once(time.monotonic())

    def look_once(self, now_s: float) -> bool:
        """Return whether the stream was mute; if so its connection is made anew."""
        with self._lock:
            overdue = sorted(each for each, until_s in self._awaited.items() if now_s > until_s)
            if not overdue:
                return False
            self._awaited.clear()
        LOG.warning("the stream is mute, connecting anew", orders=overdue)
        self._ask_again("the stream did not speak of an order that the venue has taken")
        if self._stream is not None:
            self._stream.begin_anew()
        return True

    def _run(self) -> None:
        from tidegate_execution.adapters.alpaca.listening_stream import ListeningStream

        while not self._stopping.is_set():
            keys = self._credentials.revealed()
            self._stream = ListeningStream(keys, self._url, self._on_listening)
            self._stream.subscribe_trade_updates(self._on_message)
            try:
                self._stream.run()
            except Exception as error:  # noqa: BLE001 - the thread must not end: begin anew
                LOG.warning("the stream ended", error=repr(error))
            self._stopping.wait(RESTART_S)

    def _on_listening(self) -> None:
        self.listened += 1
        with self._lock:
            self._awaited.clear()
        self._ask_again(f"the stream listens, for the {self.listened}. time")

    async def _on_message(self, message: Document) -> None:
        """Take one envelope; what cannot be read is said and made good by asking."""
        try:
            data = document_of(message.get("data"), "data")
            order = document_of(data.get("order"), "order")
            with self._lock:
                self._awaited.pop(str(order.get("client_order_id")), None)
            self._hear(data)
        except Exception as error:  # noqa: BLE001 - alpaca-py's loop would swallow it
            LOG.warning("an update cannot be read", error=str(error))
            self._ask_again(f"an update could not be read: {error}")
