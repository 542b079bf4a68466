"""The shard of a replayed feed: takes batches from its source, journals and publishes them.

In lockstep sessions it runs ahead of the instant that is being played: readers hold what they
receive until a round contains it, so many instants share one transaction and the feed's commit
is on nobody's path. On the wall's clock each batch waits for its time.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

from tidegate_chassis.host.coordinator import Coordinator
from tidegate_chassis.host.inputs import Input, InputKind
from tidegate_chassis.host.shard import BEAT_S, Shard
from tidegate_chassis.host.topology import SOURCE
from tidegate_chassis.telemetry import PROCESS, names
from tidegate_contracts.market import FeedFinished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_chassis.host.requests import Tag
    from tidegate_kernel.machine import Body

AHEAD = 256
BATCHES = 64
OPEN_MAX = 4_000


class FeedShard(Shard):
    """Publishes one replayed feed."""

    def _begin(self) -> None:
        self._now: deque[Input] = deque()
        self._ahead: deque[tuple[int, dict[str, int]]] = deque()
        self._exhausted = False
        self.progress_ns = 0
        super()._begin()
        reached = self.engine.books.cursors.get(SOURCE, (0, b""))[0]
        assert self.definition.source is not None, "a feed's shard has a source"
        self._batches: Iterator[Body] = self.definition.source.batches(reached)
        self._next: Body | None = next(self._batches, None)
        if not self.definition.lockstep:
            self.clock.sync(reached or (_instant(self._next) if self._next is not None else 1))

    def take_now(self, item: Input) -> None:
        """Queue an input."""
        self._now.append(item)
        self._wake.set()

    def _delivered(self, item: Input) -> None:
        message = f"the feed reads nothing, found {item.message_id}"
        raise AssertionError(message)

    def _outcome(self, item: Input, tag: Tag | None) -> None:
        self.take_now(item)

    def _call_in_round(self, item: Input, tag: Tag) -> None:
        self.take_now(item)

    async def _serve(self) -> None:
        if self.definition.lockstep:
            coordinating = asyncio.get_running_loop().create_task(self._coordinate())
            try:
                await self._publish_ahead()
            finally:
                coordinating.cancel()
        else:
            await self._publish_in_time()

    async def _take(self, bodies: list[Body]) -> None:
        started_ns = time.time_ns()
        takens = []
        for body in bodies:
            instant_ns = _instant(body)
            item = Input(InputKind.MESSAGE, body, channel=SOURCE, k=instant_ns)
            takens.append(self.engine.take(item, instant_ns))
            heads = {channel: k for channel, (k, _) in self.engine.books.heads.items()}
            self._ahead.append((instant_ns, heads))
        while self._now:
            takens.append(self.engine.take(self._now.popleft(), self._position()))
        if takens:
            await self.commit(takens, started_ns)
            await self.snapshot_if_due()

    def _position(self) -> int:
        return self.engine.books.cursors.get(SOURCE, (0, b""))[0]

    async def _publish_ahead(self) -> None:
        while True:
            room = len(self._ahead) <= AHEAD - BATCHES and self.outbox.open_count < OPEN_MAX
            if self._next is not None and room and not self._draining:
                await self._take(self._read(BATCHES))
                self._stir.set()
                await asyncio.sleep(0)
                if self._failure is not None:
                    raise self._failure
                continue
            if self._now:
                await self._take([])
            if self._draining:
                return
            await self._sleep(0.05 if self._next is not None else BEAT_S)

    def _read(self, limit: int) -> list[Body]:
        bodies: list[Body] = []
        while self._next is not None and len(bodies) < limit:
            bodies.append(self._next)
            self._next = next(self._batches, None)
        return bodies

    async def _coordinate(self) -> None:
        try:
            await self._play_all()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - the host's loop
            self.fail(error)

    async def _play_all(self) -> None:
        session = self.definition.session
        coordinator = Coordinator(session, self.definition.participants, self.context.bus)
        self.coordinator = coordinator
        subject = f"rounds.{session}.done"
        await self.context.bus.listen(subject, coordinator.on_done)
        try:
            newest = await coordinator.gather()
            self._ahead = deque(await self._published_since(newest))
            self._stir.set()
            if newest >= 0:
                await self._play_again(coordinator, newest)
            counted = 0
            while True:
                await self._play_next(coordinator)
                played = coordinator.rounds_played
                PROCESS.count(names.ROUNDS, (self.definition.shard,), played - counted)
                counted = played
        finally:
            await self.context.bus.unlisten(subject, coordinator.on_done)

    async def _play_again(self, coordinator: Coordinator, instant_ns: int) -> None:
        """Play the newest instant from its first round: shards repeat what they reported.

        It contains all that the feed has said by then, for those that have not handled it yet.
        """
        if self._ahead and self._ahead[0][0] == instant_ns:
            self._ahead.popleft()
        heads = await self.journal.heads_until(instant_ns)
        await coordinator.play(instant_ns, heads, everybody=True)

    @property
    def _stir(self) -> asyncio.Event:
        if not hasattr(self, "_stir_event"):
            self._stir_event = asyncio.Event()
        return self._stir_event

    async def _published_since(self, from_ns: int) -> list[tuple[int, dict[str, int]]]:
        instants: dict[int, dict[str, int]] = {}
        for at_ns, channel, k in await self.journal.instants(max(from_ns, 0)):
            instants.setdefault(at_ns, {})[channel] = k
        last = max(instants, default=-1)
        return [*sorted(instants.items()), *(entry for entry in self._ahead if entry[0] > last)]

    async def _play_next(self, coordinator: Coordinator) -> None:
        timer_ns = coordinator.next_timer()
        if self._ahead and not (0 < timer_ns < self._ahead[0][0]):
            instant_ns, heads = self._ahead.popleft()
            await coordinator.play(instant_ns, heads)
            self._wake_if_hungry()
        elif self._ahead:
            await coordinator.play(timer_ns, {})
        elif coordinator.stirred.is_set():
            await coordinator.settle()
        else:
            self.finished = self._next is None and self._is_finished()
            self._stir.clear()
            await self._stirred(coordinator)

    def _is_finished(self) -> bool:
        return self.engine.books.published.get("tidegate.market.v1.FeedStatus", 0) > 1

    def _wake_if_hungry(self) -> None:
        if len(self._ahead) <= AHEAD - BATCHES:
            self._wake.set()

    async def _stirred(self, coordinator: Coordinator) -> None:
        waits = [
            asyncio.ensure_future(self._stir.wait()),
            asyncio.ensure_future(coordinator.stirred.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _publish_in_time(self) -> None:
        while True:
            due: list[Body] = []
            while (
                self._next is not None
                and len(due) < BATCHES
                and _instant(self._next) <= self.clock.now()
            ):
                due += self._read(1)
            if due or self._now:
                self._ahead.clear()
                await self._take(due)
            if self._draining:
                return
            if self._next is None:
                self.finished = True
                await self._sleep(BEAT_S)
            else:
                wait_s = self.clock.wall_seconds_until(_instant(self._next))
                await self._sleep(min(max(wait_s, 0.0), 0.25))


def _instant(body: Body) -> int:
    if isinstance(body, FeedFinished):
        return body.at_ns
    instant: int = body.instant_ns  # type: ignore[attr-defined]
    return instant
