"""A shard on the wall's clock: inputs are handled as they arrive, many in one transaction.

Prices that change nothing wait a moment for the next commit (`deferred`); everything else is
committed at once.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, ClassVar

from tidegate_chassis.host import topology
from tidegate_chassis.host.causes import CauseGate
from tidegate_chassis.host.shard import BEAT_S, Shard
from tidegate_chassis.host.timing import wall_ns
from tidegate_contracts.market import Bar

if TYPE_CHECKING:
    from tidegate_chassis.host.inputs import Input
    from tidegate_chassis.host.requests import Tag

BATCH = 256
IDLE_S = 0.5


class WallShard(Shard):
    """Handles what waits, whenever something waits."""

    deferral_s: ClassVar[float] = 0.02

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
                await self.commit_deferred()
                return
            if self._causes.holding:
                self._inbox.extend(self._causes.release(time.monotonic()))
            await self.beat_if_due(committed=await self._handle(self._batch()))

    async def _handle(self, batch: list[Input]) -> bool:
        """Handle inputs; tell whether something was committed."""
        started_ns = wall_ns()
        now_ns = self.clock.now() if batch else 0
        takens = [self.engine.take(item, now_ns) for item in batch]
        if self.deferred.may_take(takens) and not self.skips_are_due():
            self.deferred.take(takens)
            return False
        if takens:
            await self.commit(takens, started_ns)
        else:
            await self.commit_deferred()
        await self.snapshot_if_due()
        return True

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
        patience = self.deferred.wait_s(BEAT_S if self.definition.beat else IDLE_S)
        if self._causes.holding:
            patience = min(patience, 0.02)
        timer = self.engine.next_timer()
        if timer is not None and self.clock.known:
            patience = min(patience, self.clock.wall_seconds_until(timer[0]))
        return patience
