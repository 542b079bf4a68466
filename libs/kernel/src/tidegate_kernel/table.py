"""State machines as data: a table that decides every state × event.

A cell holds the next state, `IGNORED` (the event changes nothing here: a duplicate, a late
report) or `FORBIDDEN` (cannot happen unless a rule was broken: the shard crashes). The
documentation's diagrams are drawn from the table by `mermaid`.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from tidegate_kernel.errors import TransitionError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Cell(Enum):
    """What a table says where it does not name a next state."""

    IGNORED = "ignored"
    FORBIDDEN = "forbidden"


IGNORED: Final = Cell.IGNORED
FORBIDDEN: Final = Cell.FORBIDDEN

S = TypeVar("S", bound=Enum)
E = TypeVar("E", bound=Enum)


class TransitionTable(Generic[S, E]):
    """A complete table of transitions; an undecided cell is an error at import."""

    def __init__(
        self,
        name: str,
        states: type[S] | tuple[S, ...],
        events: type[E],
        rows: Mapping[S, Mapping[E, S | Cell]],
    ) -> None:
        self.name = name
        self.states = tuple(states)
        self.events = tuple(events)
        undecided = [
            f"{state.name} x {event.name}"
            for state in self.states
            for event in self.events
            if event not in rows.get(state, {})
        ]
        if undecided:
            message = f"{name}: expected every state x event to be decided, missing {undecided}"
            raise TransitionError(message)
        self._cells = {
            (state, event): rows[state][event] for state in rows for event in rows[state]
        }

    def decide(self, state: S, event: E) -> S | Cell:
        """Return the cell: a next state, `IGNORED` or `FORBIDDEN`."""
        return self._cells[state, event]

    def next(self, state: S, event: E) -> S | None:
        """Return the next state, or None when the event is ignored; forbidden raises."""
        cell = self._cells[state, event]
        if cell is FORBIDDEN:
            message = f"{self.name}: {event.name} cannot happen in state {state.name}"
            raise TransitionError(message)
        return None if cell is IGNORED else cell

    def mermaid(self) -> str:
        """Draw the table as a Mermaid state diagram, self-transitions left out."""
        lines = ["stateDiagram-v2"]
        for state in self.states:
            for event in self.events:
                cell = self._cells[state, event]
                if not isinstance(cell, Cell) and cell is not state:
                    lines.append(f"    {state.name} --> {cell.name}: {event.name}")
        return "\n".join(lines) + "\n"
