"""Where a session's requests to a real venue go, once the venue is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate_chassis.host.errors import PortUnavailable

if TYPE_CHECKING:
    from tidegate_chassis.host.definition import Port
    from tidegate_kernel.machine import Body


@dataclass
class SessionPort:
    """A port that exists before anything is connected: shards are declared without keys."""

    session: str
    # Set when the venue is open; every venue's port asks the guard once more itself.
    inner: Port | None = None
    repeat_safe: bool = False

    async def call(self, request: Body, request_id: str) -> Body:
        """Hand a request on; before the venue is open it provably does not leave."""
        if self.inner is None:
            raise PortUnavailable(f"the venue of session {self.session} is not open yet")
        return await self.inner.call(request, request_id)
