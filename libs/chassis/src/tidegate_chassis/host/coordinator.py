"""The feed's side of lockstep: it opens rounds and waits for reports.

Time moves in instants: the next batch of bars, or the earliest timer of any shard. An instant is
played in rounds until no shard has said anything new and none is busy. The coordinator keeps
nothing that it could not learn again: after a restart it asks every shard where it is and plays
the newest instant again from its first round; shards repeat what they reported.

Between rounds a shard takes calls and gate events at once. What it then says or asks for is
settled in further rounds of the newest instant. A restart does not play those again one by one:
when what was repeated has come to rest, it goes on behind the last round that any shard has begun.
A shard only repeats a round that it has begun before, and would say nothing new in it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from tidegate_chassis.host import topology
from tidegate_chassis.host.rounds import BASE_ROUND, STATUS_ROUND
from tidegate_contracts import codec
from tidegate_contracts.host import ChannelPosition, RoundDone, RoundOpen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_chassis.host.bus import Bus
    from tidegate_chassis.host.lane import Heard

LOG = structlog.get_logger("coordinator")
REPEAT_S = 0.4
ROUNDS_MAX = 100


class Coordinator:
    """Plays instants with the shards of one session."""

    def __init__(self, session: str, participants: tuple[str, ...], bus: Bus) -> None:
        """``participants``: every shard that takes part in the session's rounds."""
        self.session = session
        self.instant_ns = -1
        self.round = -1
        self.rounds_played = 0
        self._participants = participants
        self._bus = bus
        self._heads: dict[str, int] = {}
        self._reads: dict[str, frozenset[str]] = {}
        self._timers: dict[str, int] = dict.fromkeys(participants, 0)
        self._reports: dict[str, RoundDone] = {}
        self._expected: tuple[int, int] = (0, STATUS_ROUND)
        self._missing: set[str] = set()
        self._complete = asyncio.Event()
        self._restless: set[str] = set()
        self.stirred = asyncio.Event()

    async def gather(self) -> int:
        """Ask every shard where it is; return the newest instant that any of them has begun."""
        reports = await self._ask(0, STATUS_ROUND, self._participants)
        for report in reports:
            self._reads[report.shard] = frozenset(report.reads)
        newest = max(report.instant_ns for report in reports)
        if newest >= 0:
            for report in await self._ask(newest, BASE_ROUND, self._participants):
                self._learn(report)
        return newest

    def next_timer(self) -> int:
        """Return the earliest timer that makes an instant; 0 when there is none."""
        return min((at_ns for at_ns in self._timers.values() if at_ns), default=0)

    async def play(
        self, instant_ns: int, heads: dict[str, int], *, everybody: bool = False
    ) -> None:
        """Play one instant to its end; ``heads`` are the feed's channels with its bars."""
        self.instant_ns = instant_ns
        changed = {channel for channel, k in heads.items() if self._heads.get(channel) != k}
        self._heads.update(heads)
        concerned = set(self._participants) if everybody else self._readers(changed)
        concerned |= {shard for shard, at_ns in self._timers.items() if 0 < at_ns <= instant_ns}
        await self._rounds(instant_ns, 0, concerned)

    async def settle(self) -> None:
        """Go on with the current instant when shards have stirred outside rounds (a kill)."""
        self.stirred.clear()
        self._restless.clear()
        if self.instant_ns >= 0:
            await self._rounds(self.instant_ns, self.round + 1, set(self._participants))

    async def _rounds(self, instant_ns: int, first: int, concerned: set[str]) -> None:
        number, furthest, left = first, first, ROUNDS_MAX
        while concerned:
            if left < 0:
                message = (
                    f"session {self.session}: expected the instant {instant_ns} to end within "
                    f"{ROUNDS_MAX} rounds, found round {number}: machines answer each other"
                )
                raise RuntimeError(message)
            self.round = number
            before = dict(self._heads)
            reports = await self._ask(instant_ns, number, sorted(concerned))
            self.rounds_played += 1
            for report in reports:
                self._learn(report)
            changed = {channel for channel, k in self._heads.items() if before.get(channel) != k}
            busy = any(report.busy for report in reports) or bool(self._restless)
            self._restless.clear()
            concerned = set(self._participants) if busy else self._readers(changed)
            furthest = max(furthest, *(report.begun for report in reports))
            if not concerned and furthest > number:
                number, concerned = furthest, set(self._participants)
            number += 1
            left -= 1

    def _learn(self, report: RoundDone) -> None:
        for head in report.heads:
            self._heads[head.channel] = max(head.k, self._heads.get(head.channel, 0))
        self._timers[report.shard] = report.next_timer_ns

    def _readers(self, channels: Iterable[str]) -> set[str]:
        tokens = {token for channel in channels for token in topology.first_tokens(channel)}
        return {shard for shard in self._participants if self._reads[shard] & tokens}

    async def _ask(self, instant_ns: int, number: int, shards: Iterable[str]) -> list[RoundDone]:
        self._expected = (instant_ns, number)
        self._missing = set(shards)
        self._reports = {}
        self._complete.clear()
        opened = RoundOpen(
            session=self.session,
            instant_ns=instant_ns,
            round=number,
            heads=tuple(ChannelPosition(channel=c, k=k) for c, k in self._heads.items()),
            shards=tuple(shards),
        )
        payload = codec.encode(opened)
        subject = f"rounds.{self.session}.open"
        repeated = 0
        while self._missing:
            self._bus.publish(subject, payload)
            try:
                async with asyncio.timeout(REPEAT_S):
                    await self._complete.wait()
            except TimeoutError:
                repeated += 1
                say = LOG.warning if repeated % 25 == 0 else LOG.info
                say("asking again", shards=sorted(self._missing), round=number, times=repeated)
        return list(self._reports.values())

    def on_done(self, message: Heard) -> None:
        """Take a report."""
        done = codec.decode("tidegate.host.v1.RoundDone", message.data)
        assert isinstance(done, RoundDone)
        status = done.round == STATUS_ROUND and self._expected[1] == STATUS_ROUND
        if done.shard in self._missing and (
            status or (done.instant_ns, done.round) == self._expected
        ):
            self._reports[done.shard] = done
            self._missing.discard(done.shard)
            if not self._missing:
                self._complete.set()
        elif done.round >= 0 and done.instant_ns <= self.instant_ns:
            self._stir(done)

    def _stir(self, done: RoundDone) -> None:
        fresh = any(head.k > self._heads.get(head.channel, 0) for head in done.heads)
        if fresh or done.busy:
            self._learn(done)
            self._restless.add(done.shard)
            self.stirred.set()
