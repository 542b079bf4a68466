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

from typing import TYPE_CHECKING

from tidegate_contracts.market import Bar
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
    from collections.abc import Callable, Iterable, Sequence, Set as AbstractSet

    from tidegate_kernel.machine import Body, Effect, Event
    from tidegate_lab.host.shard import LabShard, Place

    Observer = Callable[[LabShard, Event, Sequence[Effect], Place], None]

ROUNDS_MAX = 100


class Rounds:
    """The shards of one session and the messages between them."""

    def __init__(self, shards: Sequence[LabShard], feed: LabShard) -> None:
        """``shards`` take part in rounds; ``feed`` speaks before round 0 of each instant."""
        self.shards = tuple(shards)
        self.feed = feed
        self.instant_ns = -1
        self.round = -1
        # The earliest timer of any kind, and the earliest that makes an instant.
        self.due_ns = NEVER_NS
        self.timer_ns = NEVER_NS
        # Each is called for every input that caused something, but for bars that the feed says.
        self.observers: list[Observer] = []
        self._by_name = {shard.name: shard for shard in self.shards}
        self._readers: dict[type[Body], tuple[LabShard, ...]] = {}
        self._all = frozenset(self.shards)
        self._concerned_by = {
            shard: frozenset(s for s in self.shards if s.tokens & shard.said_tokens)
            for shard in (*self.shards, feed)
        }
        self._requests: dict[str, tuple[LabShard, Request]] = {}
        self._asked = 0
        # What was said in the round being played, and by whom; it is heard in the next.
        self._said: list[Body] = []
        self._changed: set[LabShard] = set()
        self._bar_readers = self.readers_of(Bar)

    def begin(self, events: Iterable[tuple[LabShard, Event]], now_ns: int = 0) -> None:
        """Give shards inputs outside rounds: a term begins, the gate moves."""
        for shard, event in events:
            self._handle(shard, event, now_ns)
        self._deliver()
        self._look_at_timers()

    def play(self, instant_ns: int, command: Body | None) -> None:
        """Play one instant to its end; ``command`` is the feed's batch, None for a timer alone."""
        self.instant_ns, self.round = instant_ns, 0
        self._changed.clear()
        if command is not None:
            self._handle(self.feed, command, instant_ns)
        self._play_rounds()

    def play_bars(self, instant_ns: int, bars: Sequence[Bar]) -> None:
        """Play an instant in which the feed says these bars and nothing else.

        Unless a timer is due, round 0 holds nothing but the bars: they are handed to their readers
        at once, and further rounds are played only if one of them answers with an effect.
        """
        self.instant_ns, self.round = instant_ns, 0
        if self.due_ns <= instant_ns:
            self._said.extend(bars)
            self._changed = {self.feed}
            self._play_rounds()
            return
        quiet = True
        for shard in self._bar_readers:
            handle = shard.handle
            for bar in bars:
                effects = handle(bar, instant_ns)
                if effects:
                    if quiet:
                        quiet = False
                        self._changed.clear()
                    self._perform(shard, bar, effects)
        if not quiet:
            self.round = 1
            self._play_on(self._end_round(self._bar_readers))

    def _play_rounds(self) -> None:
        """Play round 0, which begins with what the feed has said, and those that follow."""
        self._deliver()
        due = {shard for shard in self.shards if shard.instant_due_ns <= self.instant_ns}
        self._play_on(self._concerned() | due)

    def _play_on(self, concerned: AbstractSet[LabShard]) -> None:
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

    def _play_round(self, concerned: AbstractSet[LabShard]) -> AbstractSet[LabShard]:
        instant_ns = self.instant_ns
        place = (instant_ns, self.round)
        self._changed.clear()
        for shard in self.shards:
            if shard.has_mail(instant_ns) and shard in concerned:
                for event in shard.take_mail(place):
                    self._handle(shard, event, instant_ns)
        return self._end_round(concerned)

    def _end_round(self, playing: Iterable[LabShard]) -> AbstractSet[LabShard]:
        """Deliver what was said; return who is concerned in the next round."""
        self._deliver()
        for shard in playing:
            if shard.is_busy(self.instant_ns):
                return self._all
        return self._concerned()

    def _concerned(self) -> AbstractSet[LabShard]:
        if len(self._changed) == 1:
            return self._concerned_by[next(iter(self._changed))]
        return {shard for producer in self._changed for shard in self._concerned_by[producer]}

    def _look_at_timers(self) -> None:
        self.due_ns = min(shard.due_ns for shard in self.shards)
        self.timer_ns = min(shard.instant_due_ns for shard in self.shards)

    def _handle(self, shard: LabShard, event: Event, now_ns: int) -> None:
        effects = shard.handle(event, now_ns)
        if effects:
            self._perform(shard, event, effects)

    def _perform(self, shard: LabShard, event: Event, effects: Sequence[Effect]) -> None:
        """Show what an input caused to the observers, then do it."""
        for observer in self.observers:
            observer(shard, event, effects, (self.instant_ns, self.round))
        for effect in effects:
            if type(effect) is Publish:
                self._said.append(effect.body)
                self._changed.add(shard)
            else:
                self._apply(shard, effect)

    def _apply(self, shard: LabShard, effect: Effect) -> None:
        if isinstance(effect, SetTimer):
            shard.set_timer(effect.name, effect.at_ns, makes_instant=effect.makes_instant)
        elif isinstance(effect, CancelTimer):
            shard.cancel_timer(effect.name)
        elif isinstance(effect, Request):
            self._ask(shard, effect)
        elif isinstance(effect, Answer):
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

    def _deliver(self) -> None:
        for body in self._said:
            readers = self._readers.get(type(body))
            for reader in self.readers_of(type(body)) if readers is None else readers:
                reader.inbox.append(body)
        self._said.clear()

    def readers_of(self, kind: type[Body]) -> tuple[LabShard, ...]:
        """Return the shards that read a kind of message, in the order in which they play."""
        readers = self._readers.get(kind)
        if readers is None:
            readers = tuple(shard for shard in self.shards if kind in shard.kinds)
            self._readers[kind] = readers
        return readers
