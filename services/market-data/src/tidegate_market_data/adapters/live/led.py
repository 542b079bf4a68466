"""A live feed's shard as its source sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tidegate_market_data.core.live_feed import LiveFeedMachine

if TYPE_CHECKING:
    from tidegate_chassis.host.shard import Shard
    from tidegate_kernel.machine import Body


class Led(Protocol):
    """What is needed of it."""

    @property
    def machine(self) -> LiveFeedMachine | None:
        """Its machine while this process leads it."""
        ...

    async def call(self, call_id: str, body: Body) -> Body:
        """Have the machine take something; returns when it is committed."""
        ...


class LedShard:
    """Wraps one of the host's shards."""

    def __init__(self, shard: Shard) -> None:
        self._shard = shard

    @property
    def machine(self) -> LiveFeedMachine | None:
        """Its machine while this process leads it."""
        if not self._shard.running:
            return None
        machine = self._shard.engine.machine
        assert isinstance(machine, LiveFeedMachine)
        return machine

    async def call(self, call_id: str, body: Body) -> Body:
        """Have the machine take something; returns when it is committed."""
        answer, _ = await self._shard.call(call_id, body, None)
        return answer
