"""Plays instants in rounds, as the live coordinator does (`tidegate_chassis.host.coordinator`).

1. An instant is the time of the feed's next batch, or the earliest timer that makes an instant.
2. In round 0 every concerned shard handles its due timers, then the bars. What it publishes is
   heard in the next round; what it asks of another shard is called in the next round, and the
   answer arrives in the one after.
3. An instant ends when no shard has said anything new and none is busy. More than 100 rounds are
   an error: machines answer each other.

Live and here, a shard is concerned when something was said in a channel that it reads, when one
of its timers is due, and everybody is when anybody is busy.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from tidegate_contracts.subjects import content_key
from tidegate_kernel.machine import (
    Answer,
    Called,
    CancelTimer,
    Publish,
    Replied,
    Request,
    SetTimer,
)
from tidegate_lab.host.shard import NEVER_NS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tidegate_contracts.market import Bar
    from tidegate_kernel.machine import Body, Effect, Event
    from tidegate_lab.host.shard import LabShard, Place

    Observer = Callable[[LabShard, Event, Sequence[Effect], Place], None]

ROUNDS_MAX = 100
_DUE_NS, _INSTANT_DUE_NS = attrgetter("due_ns"), attrgetter("instant_due_ns")


class Rounds:
    """The shards of one session and the messages between them."""

    def __init__(self, shards: Sequence[LabShard], feed: LabShard) -> None:
        """``shards`` take part in rounds; ``feed`` speaks before round 0 of each instant."""
        self.shards = tuple(shards)
        self.feed = feed
        self.instant_ns = -1
        self.round = -1
        # The row of a frame before which its bars are known, to shards that take them as columns.
        self.row = 0
        # The earliest timer of any kind, and the earliest that makes an instant.
        self.due_ns = NEVER_NS
        self.timer_ns = NEVER_NS
        # Each is called for every input that caused something, but for bars that the feed says.
        self.observers: list[Observer] = []
        self._by_name = {shard.name: shard for shard in self.shards}
        # Who reads a kind of message, in the order in which they play.
        self._readers: dict[type[Body], tuple[LabShard, ...]] = {
            kind: tuple(shard for shard in self.shards if kind in shard.kinds)
            for kind in frozenset().union(*(shard.kinds for shard in self.shards))
        }
        # Every set of shards that has played so far, in the order in which they play.
        self._members: dict[int, tuple[LabShard, ...]] = {}
        # Shards are sets of bits: one bit each.
        for place, shard in enumerate(self.shards):
            shard.bit = 1 << place
        for shard in (*self.shards, feed):
            shard.concerns = sum(s.bit for s in self.shards if s.tokens & shard.said_tokens)
        self._all = sum(shard.bit for shard in self.shards)
        self._requests: dict[str, tuple[LabShard, Request]] = {}
        self._asked = 0
        # What was said for somebody in the round being played, and whom all that was said concerns;
        # it is heard in the next.
        self._said: list[Body] = []
        self._concerned = 0

    def begin(self, events: Iterable[tuple[LabShard, Event]], now_ns: int = 0) -> None:
        """Give shards inputs outside rounds: a term begins, the gate moves."""
        for shard, event in events:
            self._handle(shard, event, now_ns)
        self._end_round(())
        self._look_at_timers()

    def play(self, instant_ns: int, command: Body | None) -> None:
        """Play one instant to its end; ``command`` is the feed's batch, None for a timer alone."""
        self.instant_ns, self.round = instant_ns, 0
        self._concerned = 0
        if command is not None:
            self._handle(self.feed, command, instant_ns)
        self._play_on(self._end_round(()) | self._with_due_timers())

    def play_timers(self, until_ns: int) -> None:
        """Play the instants that timers make before a time."""
        while self.timer_ns < until_ns:
            self.play(self.timer_ns, None)

    def play_bars(self, bars: Sequence[Bar], takers: Sequence[LabShard], after: int) -> None:
        """Play an instant in which the feed says these bars and nothing else.

        Only ``takers`` are given the bars; the other readers, of which no timer is due, take them
        as columns, before they handle anything else of this instant. ``after`` is the row after
        the bars; `row` is theirs.
        """
        instant_ns = bars[0].end_ns
        self.instant_ns, self.round = instant_ns, 0
        if self.due_ns <= instant_ns:
            for shard in takers:
                shard.inbox.extend(bars)
            concerned = self._play_round(self.feed.concerns | self._with_due_timers())
        else:
            self._concerned = 0
            for shard in takers:
                shard.take_bars(self.row)
                for bar in bars:
                    self._handle(shard, bar, instant_ns)
            concerned = self._end_round(takers)
        for shard in takers:
            shard.has_handled(after)
        self.row, self.round = after, 1
        self._play_on(concerned)

    def begin_with(
        self, shard: LabShard, bar: Bar, effects: Sequence[Effect], *, is_first: bool
    ) -> None:
        """Begin an instant, or go on in its round 0, with what a bar has caused."""
        if is_first:
            self.instant_ns, self.round, self._concerned = bar.end_ns, 0, 0
        self._perform(shard, bar, effects)

    def go_on(self, playing: Sequence[LabShard], after: int) -> None:
        """Play an instant that `begin_with` began to its end."""
        self.row, self.round = after, 1
        self._play_on(self._end_round(playing))

    def _with_due_timers(self) -> int:
        return sum(s.bit for s in self.shards if s.instant_due_ns <= self.instant_ns)

    def _play_on(self, concerned: int) -> None:
        while concerned:
            if self.round > ROUNDS_MAX:
                message = (
                    f"expected the instant {self.instant_ns} to end within {ROUNDS_MAX} rounds: "
                    "machines answer each other"
                )
                raise RuntimeError(message)
            concerned = self._play_round(concerned)
            self.round += 1
        self._look_at_timers()

    def _play_round(self, concerned: int) -> int:
        """Let concerned shards handle their mail; return who is concerned in the next round."""
        instant_ns, row = self.instant_ns, self.row
        place = (instant_ns, self.round)
        self._concerned = 0
        if concerned not in self._members:
            members = (shard for shard in self.shards if shard.bit & concerned)
            self._members[concerned] = tuple(members)
        playing = self._members[concerned]
        events: Sequence[Event]
        for shard in playing:
            if shard.calls or shard.outcomes or shard.due_ns <= instant_ns:
                events = shard.take_mail(place)
            elif shard.inbox:
                inbox, shard.inbox = shard.inbox, []
                if len(inbox) > 1:
                    inbox.sort(key=content_key)
                events = inbox
            else:
                continue
            if shard.taken < row and shard.frame is not None:
                shard.take_bars(row)
            shard.looked = 0
            handle = shard.handle
            for event in events:
                effects = handle(event, instant_ns)
                if effects:
                    self._perform(shard, event, effects)
        return self._end_round(playing)

    def _end_round(self, playing: Iterable[LabShard]) -> int:
        """Deliver what was said; return who is concerned in the next round."""
        if self._said:
            said, self._said = self._said, []
            for body in said:
                for reader in self._readers[type(body)]:
                    reader.inbox.append(body)
        for shard in playing:
            if shard.waiting or shard.due_ns <= self.instant_ns:
                return self._all
        return self._concerned

    def _look_at_timers(self) -> None:
        self.due_ns = min(map(_DUE_NS, self.shards))
        self.timer_ns = min(map(_INSTANT_DUE_NS, self.shards))

    def _handle(self, shard: LabShard, event: Event, now_ns: int) -> None:
        effects = shard.handle(event, now_ns)
        if effects:
            self._perform(shard, event, effects)

    def _perform(self, shard: LabShard, event: Event, effects: Sequence[Effect]) -> None:
        """Show what an input caused to the observers, then do it."""
        place = (self.instant_ns, self.round)
        for observer in self.observers:
            observer(shard, event, effects, place)
        for effect in effects:
            if type(effect) is Publish:
                if type(effect.body) in self._readers:
                    self._said.append(effect.body)
                self._concerned |= shard.concerns
            else:
                self._apply(shard, effect)

    def _apply(self, shard: LabShard, effect: Effect) -> None:
        if type(effect) is SetTimer:
            shard.set_timer(effect.name, effect.at_ns, makes_instant=effect.makes_instant)
        elif type(effect) is CancelTimer:
            shard.cancel_timer(effect.name)
        elif type(effect) is Request:
            self._ask(shard, effect)
        elif type(effect) is Answer:
            self._answer(effect)

    def _ask(self, shard: LabShard, request: Request) -> None:
        target = shard.round_ports.get(request.port)
        if target is None:
            return  # a port to the outside world: nobody is told anything from the lab
        self._asked += 1
        call_id = f"{shard.name}:{self._asked}"
        self._requests[call_id] = (shard, request)
        shard.waiting += 1
        called = Called(call_id, request.body)
        self._by_name[target].calls.append(((self.instant_ns, self.round), self._asked, called))

    def _answer(self, answer: Answer) -> None:
        asked = self._requests.pop(answer.call_id, None)
        if asked is None:
            return  # somebody outside asked
        shard, request = asked
        self._asked += 1
        replied = Replied(request.port, request.body, answer.body)
        shard.outcomes.append(((self.instant_ns, self.round), self._asked, replied))

    def readers_of(self, kind: type[Body]) -> tuple[LabShard, ...]:
        """Return the shards that read a kind of message, in the order in which they play."""
        return self._readers.get(kind, ())
