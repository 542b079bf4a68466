"""One machine in the lab: its timers, what waits for it, and what it asked for."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar, cast

from tidegate_chassis.host import topology
from tidegate_chassis.host.ports import ShardPort
from tidegate_contracts import codec, subjects
from tidegate_kernel.machine import TimerFired

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_contracts.frame import Frame, FrameReader
    from tidegate_kernel.machine import Body, Called, Event, Machine

E = TypeVar("E")
NEVER_NS = 2**63 - 1
"""Later than every instant."""
Place = tuple[int, int]
"""An instant and a round in it."""


class LabShard:
    """A machine and its mail.

    What the live host keeps in its journal's bookkeeping is kept here in memory: timers by name,
    the inbox of the coming round, calls and answers with the round in which they were made.
    """

    def __init__(self, definition: ShardDefinition) -> None:
        """Make the machine new."""
        self.definition = definition
        self.name = definition.shard
        self.machine: Machine = definition.machine.restore(definition.parameters, None)
        self.handle = self.machine.handle
        # The same machine, for those that look through frames: not every machine reads bars.
        self.reader = cast("FrameReader", self.machine)
        self.kinds = frozenset(
            codec.type_of(schema) for schema in topology.schemas_read(definition.reads)
        )
        self.tokens = frozenset(subject.partition(".")[0] for subject in definition.reads)
        self.said_tokens = topology.first_tokens(self.name)
        self.round_ports = {
            port: target.shard
            for port, target in definition.ports.items()
            if isinstance(target, ShardPort)
        }
        self.timers: dict[str, tuple[int, bool]] = {}
        # The earliest timer, and the earliest that makes an instant.
        self.due_ns = NEVER_NS
        self.instant_due_ns = NEVER_NS
        self.inbox: list[Body] = []
        self.calls: list[tuple[Place, int, Called]] = []
        self.outcomes: list[tuple[Place, int, Event]] = []
        # Requests without an outcome yet: they keep the instant open.
        self.waiting = 0
        # Its bit in a set of shards, and the set that hears what it says (`Rounds`).
        self.bit = 0
        self.concerns = 0
        # A frame whose bars it takes as columns when it must: the row before which it has taken
        # them, the row before which the machine has looked at them (0: it must look anew), and the
        # first of these that it has to handle, which is the same if there is none.
        self.frame: Frame | None = None
        self.taken = 0
        self.looked = 0
        self.stop = 0

    def leave_bars(self, frame: Frame, first: int) -> None:
        """Leave the bars of a frame, from a row on, until they must be taken."""
        self.frame, self.taken, self.looked = frame, first, 0

    def take_bars(self, row: int) -> None:
        """Take the bars before a row that were left; the machine may then handle anything."""
        if self.frame is not None:
            if self.taken < row:
                self.reader.advance(self.frame, self.taken, row)
                self.taken = row
            self.looked = 0

    def look(self, row: int, last: int) -> int:
        """Return the first row, from ``row`` to before ``last``, that it has to handle."""
        assert self.frame is not None, "bars were left"
        if row >= self.looked:
            if self.taken < row:
                self.take_bars(row)
            self.stop = self.reader.scan(self.frame, row, last)
            self.looked = self.stop + 1 if self.stop < last else last
        return self.stop

    def has_handled(self, row: int) -> None:
        """Note that the machine has handled the bars before a row."""
        self.taken, self.looked = row, 0

    def set_timer(self, name: str, at_ns: int, *, makes_instant: bool) -> None:
        """Set a timer, or set the one of this name anew."""
        is_new = name not in self.timers
        self.timers[name] = (at_ns, makes_instant)
        if is_new:
            self.due_ns = min(self.due_ns, at_ns)
            if makes_instant:
                self.instant_due_ns = min(self.instant_due_ns, at_ns)
        else:
            self._look_at_timers()

    def cancel_timer(self, name: str) -> None:
        """Forget a timer; an unknown name is fine."""
        if self.timers.pop(name, None) is not None:
            self._look_at_timers()

    def take_mail(self, place: Place) -> Sequence[Event]:
        """Return what the machine has to handle in a round, in the order of the live host.

        Due timers, calls and answers of earlier rounds, then messages by their content.
        """
        events: list[Event] = []
        if self.due_ns <= place[0]:
            events += self._take_due(place[0])
        if self.calls:
            calls = _earlier(self.calls, place)
            events += calls
        if self.outcomes:
            outcomes = _earlier(self.outcomes, place)
            self.waiting -= len(outcomes)
            events += outcomes
        if self.inbox:
            events += sorted(self.inbox, key=subjects.content_key)
            self.inbox = []
        return events

    def _take_due(self, instant_ns: int) -> list[TimerFired]:
        due = sorted([(at, name) for name, (at, _) in self.timers.items() if at <= instant_ns])
        for _, name in due:
            del self.timers[name]
        self._look_at_timers()
        return [TimerFired(name, at_ns) for at_ns, name in due]

    def _look_at_timers(self) -> None:
        if not self.timers:
            self.due_ns = self.instant_due_ns = NEVER_NS
            return
        timers = self.timers.values()
        self.due_ns = min((at_ns for at_ns, _ in timers), default=NEVER_NS)
        self.instant_due_ns = min((at_ns for at_ns, makes in timers if makes), default=NEVER_NS)


def _earlier(waiting: list[tuple[Place, int, E]], place: Place) -> list[E]:
    """Take out what was given in earlier rounds, in the order in which it was asked."""
    if len(waiting) == 1:
        return [waiting.pop()[2]] if waiting[0][0] < place else []
    due = sorted((each for each in waiting if each[0] < place), key=itemgetter(1))
    waiting[:] = [each for each in waiting if each[0] >= place]
    return [each for _, _, each in due]
