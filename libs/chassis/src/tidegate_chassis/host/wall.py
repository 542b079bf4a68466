"""A shard on the wall's clock: inputs are handled as they arrive, many in one transaction.

A price that changes nothing says nothing either, so its journal row can wait a moment for the
next commit: whatever is decided later goes out only in a transaction that holds the row, and a
price that a crash has taken with it is read again. So the services that only look on do not
queue for the disk beside the one that decides. Everything else is committed at once.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from tidegate_chassis.host import topology
from tidegate_chassis.host.causes import CauseGate
from tidegate_chassis.host.shard import BEAT_S, Shard
from tidegate_chassis.host.timing import wall_ns
from tidegate_contracts.market import Bar, Quote, Trade

if TYPE_CHECKING:
    from tidegate_chassis.host.engine import Taken
    from tidegate_chassis.host.inputs import Input
    from tidegate_chassis.host.requests import Tag

BATCH = 256
IDLE_S = 0.5
DEFER_S = 0.02


class WallShard(Shard):
    """Handles what waits, whenever something waits."""

    def _begin(self) -> None:
        self._inbox: deque[Input] = deque()
        self._deferred: list[Taken] = []
        self._deferred_until_s = 0.0
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
                await self._commit_deferred()
                return
            if self._causes.holding:
                self._inbox.extend(self._causes.release(time.monotonic()))
            await self.beat_if_due(committed=await self._handle(self._batch()))

    async def _handle(self, batch: list[Input]) -> bool:
        """Handle inputs; tell whether something was committed."""
        started_ns = wall_ns()
        now_ns = self.clock.now() if batch else 0
        takens = [self.engine.take(item, now_ns) for item in batch]
        if all(_is_idle_price(taken) for taken in takens) and not self._deferred_is_due(takens):
            if takens and not self._deferred:
                self._deferred_until_s = time.monotonic() + DEFER_S
            self._deferred += takens
            return False
        await self.commit([*self._deferred, *takens], started_ns)
        self._deferred.clear()
        await self.snapshot_if_due()
        return True

    def _deferred_is_due(self, more: list[Taken]) -> bool:
        if len(self._deferred) + len(more) >= BATCH:
            return True
        return bool(self._deferred) and time.monotonic() >= self._deferred_until_s

    async def _commit_deferred(self) -> None:
        if self._deferred:
            await self.commit(self._deferred, wall_ns())
            self._deferred.clear()

    async def leave(self) -> None:
        """Leave a snapshot only of what the journal holds."""
        if not self._deferred:
            await super().leave()

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
        if self._deferred:
            patience = min(patience, max(0.0, self._deferred_until_s - time.monotonic()))
        if self._causes.holding:
            patience = min(patience, 0.02)
        timer = self.engine.next_timer()
        if timer is not None and self.clock.known:
            patience = min(patience, self.clock.wall_seconds_until(timer[0]))
        return patience


def _is_idle_price(taken: Taken) -> bool:
    """Tell whether an input is a price of the market on which the machine wanted nothing done."""
    return not taken.row.effects_hash and isinstance(taken.input.event, Bar | Quote | Trade)
