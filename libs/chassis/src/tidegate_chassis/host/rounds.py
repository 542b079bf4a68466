"""A shard of a lockstep session: it plays the rounds that the feed's coordinator opens.

In a round the shard waits until it holds every message up to the round's heads, handles them in
the order of their content, commits, and reports its own heads, its next timer and whether it
needs another round. Reports are repeated when they are asked for again. Gate events and
commands are handled at once, outside rounds; what came of them is reported too, and again until a
round has been played since: the feed may not run just then, and nobody would ask for it.

A round 0 that brought nothing but prices, on which the machine wants nothing done, is reported
at once and committed with a later one (`deferred`). A process that dies before has reported what
its journal does not hold; its successor reads the same prices again and handles them first, each
in its own instant, before it plays what is open now.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, ClassVar

from tidegate_chassis.host import topology
from tidegate_chassis.host.deferred import PRICES
from tidegate_chassis.host.shard import BEAT_S, Shard
from tidegate_chassis.host.timing import wall_ns
from tidegate_contracts import codec, subjects
from tidegate_contracts.host import ChannelPosition, RoundDone, RoundOpen
from tidegate_contracts.risk import GateEvent

if TYPE_CHECKING:
    from tidegate_chassis.host.engine import RoundReport
    from tidegate_chassis.host.inputs import Input
    from tidegate_chassis.host.lane import Heard
    from tidegate_chassis.host.requests import Tag

STATUS_ROUND = -2
BASE_ROUND = -1
STIR_EVERY_S = 1.0
"""How often a shard says again that something happened between rounds."""


class RoundShard(Shard):
    """Handles inputs in rounds."""

    deferral_s: ClassVar[float] = 0.25

    def _begin(self) -> None:
        self._now: deque[Input] = deque()
        self._pending: dict[str, deque[Input]] = {}
        self._calls_waiting: list[tuple[Tag, Input]] = []
        self._outcomes_waiting: list[tuple[Tag, Input]] = []
        self._round: RoundOpen | None = None
        self._stirred_s = 0.0
        super()._begin()

    def take_now(self, item: Input) -> None:
        """Queue an input that waits for no round."""
        self._now.append(item)
        self._wake.set()

    def _delivered(self, item: Input) -> None:
        if isinstance(item.event, GateEvent):
            self.take_now(item)
            return
        self._pending.setdefault(item.channel, deque()).append(item)

    def moved(self) -> None:
        """Look again whether the open round is complete: also what is not ours counts for it."""
        if self._round is not None:
            self._wake.set()

    def _outcome(self, item: Input, tag: Tag | None) -> None:
        if tag is None:
            self.take_now(item)
        else:
            self._outcomes_waiting.append((tag, item))
            self._wake.set()

    def _call_in_round(self, item: Input, tag: Tag) -> None:
        """Keep a call for its round; when that has passed already, take it at once.

        It has passed when the caller asked outside rounds (a kill) or had to ask again after a
        restart. Whoever asked waits for the answer, so another round might never be opened.
        """
        if (self.engine.books.instant_ns, self.engine.books.round) > tag:
            self.take_now(item)
            return
        self._calls_waiting.append((tag, item))
        self._wake.set()

    def on_open(self, message: Heard) -> None:
        """Take the coordinator's word."""
        if not self.running:
            return
        opened = codec.decode("tidegate.host.v1.RoundOpen", message.data)
        assert isinstance(opened, RoundOpen)
        if self.definition.shard not in opened.shards:
            return
        books = self.engine.books
        if opened.round == STATUS_ROUND:
            self._report(books.instant_ns, STATUS_ROUND, self.engine.current_report())
        elif opened.round == BASE_ROUND:
            same = books.instant_ns == opened.instant_ns
            report = self.engine.report_of(-1) if same else self.engine.current_report()
            self._report(opened.instant_ns, BASE_ROUND, report)
        elif (opened.instant_ns, opened.round) > (books.instant_ns, books.round):
            self._round = opened
            self._wake.set()
        elif opened.instant_ns == books.instant_ns and self._finished(opened.round):
            report = self.engine.report_of(opened.round)
            self._report(opened.instant_ns, opened.round, report)

    def _finished(self, number: int) -> bool:
        return any(report.round >= number for report in self.engine.books.reports)

    async def _serve(self) -> None:
        while True:
            await self._sleep(self.deferred.wait_s(BEAT_S))
            if self._now:
                await self._handle_now()
            opened = self._round
            if self._draining:
                await self.commit_deferred()
                return
            if opened is not None and self._ready(opened):
                self._round = None
                await self._play(opened)
            if self.deferred.is_due() or self.skips_are_due():
                await self.commit_deferred()
                await self.snapshot_if_due()
            self._stir_again()
            await self.beat_if_due(committed=False)

    async def _handle_now(self) -> None:
        batch = list(self._now)
        self._now.clear()
        before = self.engine.current_report()
        books = self.engine.books
        self.engine.outside = True
        try:
            await self.handle(batch, max(books.instant_ns, 0))
        finally:
            self.engine.outside = False
        after = self.engine.current_report()
        if books.instant_ns >= 0 and (after.busy or after.heads != before.heads):
            self._stir(after)

    def _stir(self, report: RoundReport) -> None:
        self._stirred_s = time.monotonic()
        self._report(self.engine.books.instant_ns, self.engine.books.round, report)

    def _stir_again(self) -> None:
        """Repeat what was said or asked after the last round's report."""
        reports = self.engine.books.reports
        if not reports or time.monotonic() - self._stirred_s < STIR_EVERY_S:
            return
        last, now = reports[-1], self.engine.current_report()
        if now.heads != last.heads or (now.busy and not last.busy):
            self._stir(now)

    def _ready(self, opened: RoundOpen) -> bool:
        if not all(
            self.reader.position(head.channel) >= head.k
            for head in opened.heads
            if topology.reads_channel(self.definition.reads, head.channel)
        ):
            return False
        return self._outcomes_complete(opened)

    def _outcomes_complete(self, opened: RoundOpen) -> bool:
        """In-round answers of earlier rounds have arrived once the other side has reported.

        What was asked between rounds is not waited for: the other side may take it only in a
        later round than this one. The open request keeps the instant open.
        """
        place = (opened.instant_ns, opened.round)
        answered = {item.name for _, item in self._outcomes_waiting}
        return all(
            request.outside
            or request.request_id in answered
            or place <= _answer_due(request.instant_ns, request.round)
            for request in self.engine.books.requests.values()
            if request.port in self._round_ports
        )

    async def _play(self, opened: RoundOpen) -> None:
        if time.monotonic() >= self.lease_until_s:
            # What may wait, or brings nothing, is reported without a commit: a process that has
            # been asleep must not speak for the shard before it knows that nobody else leads it.
            await self.journal.touch()
        place = (opened.instant_ns, opened.round)
        for instant_ns, prices in sorted(self._missed(opened).items()):
            self.engine.begin_round(instant_ns, 0)
            await self._take(self.engine.due_timers(instant_ns) + _in_order(prices))
            self.engine.end_round(0)
        self.engine.begin_round(*place)
        items = self.engine.due_timers(opened.instant_ns)
        items += self._of_earlier_rounds(self._calls_waiting, place)
        items += self._of_earlier_rounds(self._outcomes_waiting, place)
        items += self._messages(opened)
        if items:
            await self._take(items)
        report = self.engine.end_round(opened.round)
        self._report(opened.instant_ns, opened.round, report)
        if items and not self.deferred:
            await self.snapshot_if_due()

    async def _take(self, items: list[Input]) -> None:
        """Handle a round's inputs; commit them unless they may wait.

        Only what can be handled again in the same place may wait: prices in round 0 of the
        instant in which the feed said them.
        """
        started_ns = wall_ns()
        books = self.engine.books
        takens = [self.engine.take(item, books.instant_ns) for item in items]
        again = books.round == 0 and all(item.decided_ns == books.instant_ns for item in items)
        if again and self.deferred.may_take(takens):
            self.deferred.take(takens)
        else:
            await self.commit(takens, started_ns)

    def _missed(self, opened: RoundOpen) -> dict[int, list[Input]]:
        """Return by instant the prices that an earlier process handled and did not commit."""
        missed: dict[int, list[Input]] = {}
        place = (opened.instant_ns, opened.round)
        for head in opened.heads:
            queue = self._pending.get(head.channel)
            while (
                queue
                and queue[0].k <= head.k
                and (queue[0].decided_ns, 0) < place
                and isinstance(queue[0].event, PRICES)
            ):
                item = queue.popleft()
                missed.setdefault(item.decided_ns, []).append(item)
        return missed

    def _of_earlier_rounds(self, waiting: list[tuple[Tag, Input]], place: Tag) -> list[Input]:
        due = [entry for entry in waiting if entry[0] < place]
        waiting[:] = [entry for entry in waiting if entry[0] >= place]
        return [item for _, item in sorted(due, key=lambda entry: _by_request(entry[1].name))]

    def _messages(self, opened: RoundOpen) -> list[Input]:
        items: list[Input] = []
        for head in opened.heads:
            queue = self._pending.get(head.channel)
            while queue and queue[0].k <= head.k:
                items.append(queue.popleft())
        return _in_order(items)

    def _report(self, instant_ns: int, number: int, report: RoundReport) -> None:
        reads = self.definition.reads if number == STATUS_ROUND else ()
        done = RoundDone(
            session=self.definition.session,
            shard=self.definition.shard,
            instant_ns=instant_ns,
            round=number,
            heads=tuple(
                ChannelPosition(channel=channel, k=k) for channel, k in report.heads.items()
            ),
            next_timer_ns=report.next_timer_ns,
            busy=report.busy,
            reads=tuple(dict.fromkeys(subject.partition(".")[0] for subject in reads)),
            begun=self.engine.books.round,
        )
        subject = f"rounds.{self.definition.session}.done"
        self.context.bus.publish(subject, codec.encode(done))


def _in_order(items: list[Input]) -> list[Input]:
    """Return a round's messages in the order of their content."""
    if len(items) > 1:
        items.sort(key=lambda item: subjects.content_key(item.event))
    return items


def _answer_due(instant_ns: int, number: int) -> Tag:
    """Return the last round in which a request's answer need not be there yet."""
    return (instant_ns, number + 1)


def _by_request(request_id: str) -> tuple[int, int]:
    n, _, index = request_id.rpartition(":")[2].partition(".")
    return int(n), int(index)
