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

from tidegate_kernel.machine import (
    Answer,
    Called,
    CancelTimer,
    Publish,
    Replied,
    Request,
    SetTimer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

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
        # Each is called for every input that caused something.
        self.observers: list[Observer] = []
        self._by_name = {shard.name: shard for shard in self.shards}
        self._readers: dict[type[Body], tuple[LabShard, ...]] = {}
        self._concerned_by = {
            shard.name: frozenset(s.name for s in self.shards if s.tokens & shard.said_tokens)
            for shard in (*self.shards, feed)
        }
        self._requests: dict[str, tuple[LabShard, Request]] = {}
        self._asked = 0
        # What was said in the round being played; it is heard in the next.
        self._said: list[Body] = []
        self._changed: set[str] = set()

    def begin(self, events: Iterable[tuple[LabShard, Event]], now_ns: int = 0) -> None:
        """Give shards inputs outside rounds: a term begins, the gate moves."""
        for shard, event in events:
            self._handle(shard, event, now_ns)
        self._deliver()

    def play(self, instant_ns: int, command: Body | None) -> None:
        """Play one instant to its end; ``command`` is the feed's batch, None for a timer alone."""
        self.instant_ns, self.round = instant_ns, 0
        self._changed.clear()
        if command is not None:
            self._handle(self.feed, command, instant_ns)
            self._deliver()
        concerned = self._concerned(self._changed)
        concerned |= {s.name for s in self.shards if 0 < s.next_instant() <= instant_ns}
        while concerned:
            if self.round > ROUNDS_MAX:
                message = (
                    f"expected the instant {instant_ns} to end within {ROUNDS_MAX} rounds: "
                    "machines answer each other"
                )
                raise RuntimeError(message)
            concerned = self._play_round(concerned)
            self.round += 1

    def next_timer(self) -> int:
        """Return the earliest timer that makes an instant; 0 when there is none."""
        return min((at for s in self.shards if (at := s.next_instant())), default=0)

    def _play_round(self, concerned: set[str]) -> set[str]:
        place = (self.instant_ns, self.round)
        self._changed.clear()
        playing = [shard for shard in self.shards if shard.name in concerned]
        for shard in playing:
            for event in shard.take_mail(place):
                self._handle(shard, event, self.instant_ns)
        self._deliver()
        if any(shard.is_busy(self.instant_ns) for shard in playing):
            return set(self._by_name)
        return self._concerned(self._changed)

    def _concerned(self, changed: Iterable[str]) -> set[str]:
        return {name for channel in changed for name in self._concerned_by[channel]}

    def _handle(self, shard: LabShard, event: Event, now_ns: int) -> None:
        effects = shard.handle(event, now_ns)
        if not effects:
            return
        for observer in self.observers:
            observer(shard, event, effects, (self.instant_ns, self.round))
        for effect in effects:
            self._apply(shard, effect)

    def _apply(self, shard: LabShard, effect: Effect) -> None:
        if isinstance(effect, Publish):
            self._said.append(effect.body)
            self._changed.add(shard.name)
        elif isinstance(effect, SetTimer):
            shard.timers[effect.name] = (effect.at_ns, effect.makes_instant)
        elif isinstance(effect, CancelTimer):
            shard.timers.pop(effect.name, None)
        elif isinstance(effect, Request):
            self._ask(shard, effect)
        else:
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
            for reader in self._readers_of(type(body)):
                reader.inbox.append(body)
        self._said.clear()

    def _readers_of(self, kind: type[Body]) -> tuple[LabShard, ...]:
        readers = self._readers.get(kind)
        if readers is None:
            readers = tuple(shard for shard in self.shards if kind in shard.kinds)
            self._readers[kind] = readers
        return readers
