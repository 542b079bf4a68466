"""A shard on the wall's clock: inputs are handled as they arrive, many in one transaction."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from tidegate_chassis.host import topology
from tidegate_chassis.host.causes import CauseGate
from tidegate_chassis.host.shard import BEAT_S, Shard
from tidegate_contracts.market import Bar

if TYPE_CHECKING:
    from tidegate_chassis.host.inputs import Input
    from tidegate_chassis.host.requests import Tag

BATCH = 256
IDLE_S = 0.5


class WallShard(Shard):
    """Handles what waits, whenever something waits."""

    def _begin(self) -> None:
        self._inbox: deque[Input] = deque()
        self._causes = CauseGate(
            self.reader.position,
            lambda channel: topology.reads_channel(self.definition.reads, channel),
        )
        super()._begin()

    def take_now(self, item: Input) -> None:
        """Queue an input."""
        self._inbox.append(item)
        self._wake.set()

    def _delivered(self, item: Input) -> None:
        if isinstance(item.event, Bar):
            self.clock.sync(item.event.end_ns)
        self._inbox.extend(self._causes.offer(item, time.monotonic()))
        self._wake.set()

    def _outcome(self, item: Input, tag: Tag | None) -> None:
        assert tag is None, "rounds belong to lockstep sessions"
        self.take_now(item)

    def _call_in_round(self, item: Input, tag: Tag) -> None:
        message = f"call {item.name} of round {tag} came to a wall-clock shard"
        raise AssertionError(message)

    async def _serve(self) -> None:
        while True:
            await self._sleep(self._patience())
            if self._draining and not self._inbox:
                return
            if self._causes.holding:
                self._inbox.extend(self._causes.release(time.monotonic()))
            batch = self._batch()
            if batch:
                await self.handle(batch, self.clock.now())
                await self.snapshot_if_due()
            await self.beat_if_due(committed=bool(batch))

    def _batch(self) -> list[Input]:
        batch: list[Input] = []
        if self.clock.known:
            batch.extend(self.engine.due_timers(self.clock.now()))
        while self._inbox and len(batch) < BATCH:
            batch.append(self._inbox.popleft())
        if self._inbox:
            self._wake.set()
        return batch

    def _patience(self) -> float:
        patience = BEAT_S if self.definition.beat else IDLE_S
        if self._causes.holding:
            patience = min(patience, 0.02)
        timer = self.engine.next_timer()
        if timer is not None and self.clock.known:
            patience = min(patience, self.clock.wall_seconds_until(timer[0]))
        return patience
