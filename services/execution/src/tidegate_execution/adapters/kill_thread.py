"""The kill switch's own thread: its event loop, and its connection to NATS.

The host's loop holds the interpreter while it handles messages; this thread asks for it often.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from tidegate_chassis.host.lane import LaneClient
from tidegate_execution.adapters.kill_switch import HEARTBEAT_SUBJECTS, NOTICE_SUBJECT

if TYPE_CHECKING:
    from tidegate_execution.adapters.kill_switch import KillSwitch

LOG = structlog.get_logger("kill")
JOIN_PATIENCE_S = 3.0
# How soon the host's thread lets this one run. A kill takes several turns: Python's 5 ms for each
# of them would be most of what it may take.
TURN_S = 0.0005


@dataclass(frozen=True)
class Server:
    """Where and as whom to connect."""

    url: str
    user: str
    password: str


class KillThread:
    """Runs until it is stopped; reconnects for ever."""

    def __init__(self, switch: KillSwitch, server: Server) -> None:
        self._switch = switch
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="kill-switch", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        sys.setswitchinterval(TURN_S)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, and wait for the thread's end."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(JOIN_PATIENCE_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._listen())
        finally:
            self._loop.close()

    async def _listen(self) -> None:
        client = LaneClient()
        await client.connect(
            servers=[self._server.url],
            name="execution-kill-switch",
            user=self._server.user or None,
            password=self._server.password or None,
            inbox_prefix=f"_INBOX_{self._server.user or 'execution'}".encode(),
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            ping_interval=2,
            max_outstanding_pings=3,
            error_cb=_on_error,
        )
        await client.subscribe(NOTICE_SUBJECT, cb=self._switch.on_notice)
        await client.subscribe(HEARTBEAT_SUBJECTS, cb=self._switch.on_heartbeat)
        LOG.info("kill switch listens")
        await self._stopping.wait()
        await client.close()


async def _on_error(error: Exception) -> None:
    LOG.warning("kill switch's connection", error=str(error))
