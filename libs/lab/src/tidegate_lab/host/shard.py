"""One machine in the lab: its timers, what waits for it, and what it asked for."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

from tidegate_chassis.host import topology
from tidegate_chassis.host.ports import ShardPort
from tidegate_contracts import codec, subjects
from tidegate_kernel.machine import TimerFired

if TYPE_CHECKING:
    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_kernel.machine import Body, Called, Event, Machine

E = TypeVar("E")
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
        self.inbox: list[Body] = []
        self.calls: list[tuple[Place, int, Called]] = []
        self.outcomes: list[tuple[Place, int, Event]] = []
        # Requests without an outcome yet: they keep the instant open.
        self.waiting = 0

    def next_instant(self) -> int:
        """Return the earliest timer that makes an instant; 0 when there is none."""
        return min((at_ns for at_ns, makes in self.timers.values() if makes), default=0)

    def is_busy(self, instant_ns: int) -> bool:
        """Tell whether this instant needs another round because of this shard."""
        return self.waiting > 0 or any(at_ns <= instant_ns for at_ns, _ in self.timers.values())

    def take_mail(self, place: Place) -> list[Event]:
        """Return what the machine has to handle in a round, in the order of the live host.

        Due timers, calls and answers of earlier rounds, then messages by their content.
        """
        instant_ns = place[0]
        events: list[Event] = []
        due = sorted((at, name) for name, (at, _) in self.timers.items() if at <= instant_ns)
        for at_ns, name in due:
            del self.timers[name]
            events.append(TimerFired(name, at_ns))
        if self.calls:
            events += [call for _, _, call in _earlier(self.calls, place)]
        if self.outcomes:
            outcomes = [outcome for _, _, outcome in _earlier(self.outcomes, place)]
            self.waiting -= len(outcomes)
            events += outcomes
        if self.inbox:
            inbox, self.inbox = self.inbox, []
            if len(inbox) > 1:
                inbox.sort(key=subjects.content_key)
            events += inbox
        return events


def _earlier(waiting: list[tuple[Place, int, E]], place: Place) -> list[tuple[Place, int, E]]:
    """Take out what was given in earlier rounds, in the order in which it was asked."""
    due = sorted((each for each in waiting if each[0] < place), key=itemgetter(1))
    waiting[:] = [each for each in waiting if each[0] >= place]
    return due
