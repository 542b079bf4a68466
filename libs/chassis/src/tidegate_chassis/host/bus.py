"""The connection to NATS: reconnects for ever, never hides an error.

A permission violation shows up only in the error callback; it is counted and told to the
service, because a service that may not speak is not working.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import nats
import structlog

from tidegate_chassis.host.lane import LaneClient, Listener, command_of
from tidegate_chassis.telemetry import PROCESS, names

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

LOG = structlog.get_logger("bus")
FLUSH_S = 2


class Bus:
    """One NATS connection."""

    def __init__(self, name: str, on_violation: Callable[[str], None]) -> None:
        """``on_violation`` is told when the server refuses a subject."""
        self.client = LaneClient()
        self._changing = asyncio.Lock()
        self._listening: dict[str, tuple[Subscription, list[Listener]]] = {}
        self._name = name
        self._on_violation = on_violation

    async def connect(self, url: str, user: str, password: str) -> None:
        """Connect; a server that is not there yet is waited for."""
        await self.client.connect(
            servers=[url],
            name=self._name,
            user=user or None,
            password=password or None,
            inbox_prefix=f"_INBOX_{user or self._name}".encode(),
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            ping_interval=2,
            max_outstanding_pings=3,
            connect_timeout=5,
            pending_size=16 * 1024 * 1024,
            error_cb=self._on_error,
            disconnected_cb=self._on_disconnected,
            reconnected_cb=self._on_reconnected,
        )

    async def _on_error(self, error: Exception) -> None:
        text = str(error)
        LOG.warning("bus error", error=text)
        if "permissions violation" in text.lower():
            PROCESS.count(names.BUS_VIOLATIONS)
            self._on_violation(text)

    async def _on_disconnected(self) -> None:
        LOG.warning("bus disconnected")

    async def _on_reconnected(self) -> None:
        LOG.info("bus reconnected")
        PROCESS.count(names.BUS_RECONNECTS)

    @property
    def connected(self) -> bool:
        """Tell whether the connection stands."""
        return self.client.is_connected

    def inbox(self, suffix: str) -> str:
        """Return a reply subject of this connection's own."""
        return f"{self.client._inbox_prefix.decode()}.{suffix}"  # noqa: SLF001 - no public name

    def publish(
        self, subject: str, payload: bytes, headers: dict[str, str] | None = None, reply: str = ""
    ) -> None:
        """Say something; a broken connection is the outbox's business, so it is only logged."""
        self.publish_all([command_of(subject, payload, headers, reply)])

    def publish_all(self, commands: list[bytes]) -> None:
        """Say several things (`command_of`) with one write."""
        if self.client.is_closed or not self.client.publish_now(b"".join(commands)):
            LOG.warning("not published", messages=len(commands), connected=self.connected)

    async def listen(self, subject: str, listener: Listener) -> None:
        """Have a function called with every message; it must not wait for anything.

        Listeners of one subject share one copy of each message.
        """
        async with self._changing:
            known = self._listening.get(subject)
            if known is not None:
                known[1].append(listener)
                return
            listeners = [listener]
            subscription = await self.client.subscribe_lane(subject, listeners)
            self._listening[subject] = (subscription, listeners)

    async def unlisten(self, subject: str, listener: Listener) -> None:
        """End what `listen` began."""
        async with self._changing:
            known = self._listening.get(subject)
            if known is None or listener not in known[1]:
                return
            subscription, listeners = known
            listeners.remove(listener)
            if listeners:
                return
            del self._listening[subject]
            try:
                await subscription.unsubscribe()
            except (nats.errors.Error, OSError) as error:
                # The connection may be gone, and then so is this.
                LOG.info("not unsubscribed", subject=subject, error=repr(error))

    async def subscribe(self, subject: str, handle: Callable[[Msg], Awaitable[None]]) -> None:
        """Listen with a coroutine, one message after the other; they wait without bound."""
        await self.client.subscribe(
            subject, cb=handle, pending_msgs_limit=-1, pending_bytes_limit=-1
        )

    async def close(self) -> None:
        """Say what is still to be said, and leave."""
        if self.client.is_connected:
            try:
                await self.client.flush(timeout=FLUSH_S)
            except (nats.errors.Error, OSError, TimeoutError) as error:
                LOG.info("not flushed", error=repr(error))
        await self.client.close()
