"""Sockets of one venue: messages go out to those who asked, and suffer the planned faults."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.websockets import WebSocketDisconnect

if TYPE_CHECKING:
    from starlette.websockets import WebSocket
    from tests.venues.faults import FaultPlan

FLUSH_S = 0.05
RESTARTING = 1012
Payload = bytes | str


@dataclass(eq=False)
class Line:
    """One connected socket."""

    socket: WebSocket
    outgoing: asyncio.Queue[Payload | None] = field(default_factory=asyncio.Queue)
    topics: set[str] = field(default_factory=set)

    async def pump(self) -> None:
        """Send what comes, until the line is cut."""
        while (payload := await self.outgoing.get()) is not None:
            await self.send(payload)
        await self.socket.close(RESTARTING)

    async def send(self, payload: Payload) -> None:
        """Send one message: bytes as a binary frame, text as a text frame."""
        if isinstance(payload, bytes):
            await self.socket.send_bytes(payload)
        else:
            await self.socket.send_text(payload)


@dataclass
class Hub:
    """Every line of one kind of stream."""

    plan: FaultPlan
    # Whether lost, doubled and swapped messages may happen here: private streams only.
    suffers: bool = False
    loop: asyncio.AbstractEventLoop | None = None
    lines: list[Line] = field(default_factory=list)
    # Connections since the start: a reconnect shows as one more.
    connections: int = 0
    _late: list[tuple[str, Callable[[Line], Payload]]] = field(default_factory=list)

    async def serve(self, line: Line, listen: Callable[[], object]) -> None:
        """Run a line until either side ends it; ``listen`` returns the coroutine that reads it."""
        self.loop = asyncio.get_running_loop()
        self.lines.append(line)
        self.connections += 1
        tasks = [asyncio.ensure_future(line.pump()), asyncio.ensure_future(listen())]  # type: ignore[call-overload]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.lines.remove(line)
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception) and not isinstance(
                    result, WebSocketDisconnect | RuntimeError
                ):
                    raise result

    def publish(self, topic: str, payload: Callable[[Line], Payload]) -> None:
        """Send a message to every line that asked for a topic; from any thread."""
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self._publish, topic, payload)

    def drop(self) -> None:
        """Cut every line; from any thread. Nothing is replayed to those who come back."""
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self._drop)

    def _drop(self) -> None:
        for line in self.lines:
            line.outgoing.put_nowait(None)

    def _publish(self, topic: str, payload: Callable[[Line], Payload]) -> None:
        if self.suffers and self.plan.faults.drop_after_updates:
            self.plan.set(drop_after_updates=self.plan.faults.drop_after_updates - 1)
            if not self.plan.faults.drop_after_updates:
                self._drop()
                return
        if self.suffers and not self._late and self.plan.happens("reorder_share"):
            self._late.append((topic, payload))
            asyncio.get_running_loop().call_later(FLUSH_S, self._flush)
            return
        self._send(topic, payload)
        if self.suffers and self.plan.happens("duplicate_share"):
            self._send(topic, payload)
        self._flush()

    def _flush(self) -> None:
        late, self._late = self._late, []
        for topic, payload in late:
            self._send(topic, payload)

    def _send(self, topic: str, payload: Callable[[Line], Payload]) -> None:
        if self.plan.faults.streams_mute:
            return
        for line in self.lines:
            if topic in line.topics:
                line.outgoing.put_nowait(payload(line))
