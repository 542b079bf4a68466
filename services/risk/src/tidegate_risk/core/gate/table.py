"""Levels by commands: what a scope's level becomes.

A raise never softens: asked for less than is in force, the level stays (and still takes a new
epoch). A lowering never hardens: asked for as much or more than is in force, it changes nothing.
"""

from __future__ import annotations

from enum import Enum

from tidegate_kernel.gate import Level
from tidegate_kernel.table import IGNORED, Cell, TransitionTable


class Command(Enum):
    """What is asked of a scope."""

    RAISE_TO_REDUCE_ONLY = "raise to REDUCE_ONLY"
    RAISE_TO_HALTED = "raise to HALTED"
    RAISE_TO_FLATTENING = "raise to FLATTENING"
    RAISE_TO_LOCKED = "raise to LOCKED"
    LOWER_TO_OPEN = "lower to OPEN"
    LOWER_TO_REDUCE_ONLY = "lower to REDUCE_ONLY"
    LOWER_TO_HALTED = "lower to HALTED"
    LOWER_TO_FLATTENING = "lower to FLATTENING"


RAISES = {
    Level.REDUCE_ONLY: Command.RAISE_TO_REDUCE_ONLY,
    Level.HALTED: Command.RAISE_TO_HALTED,
    Level.FLATTENING: Command.RAISE_TO_FLATTENING,
    Level.LOCKED: Command.RAISE_TO_LOCKED,
}
LOWERINGS = {
    Level.OPEN: Command.LOWER_TO_OPEN,
    Level.REDUCE_ONLY: Command.LOWER_TO_REDUCE_ONLY,
    Level.HALTED: Command.LOWER_TO_HALTED,
    Level.FLATTENING: Command.LOWER_TO_FLATTENING,
}

_O, _R, _H, _F, _L = Level.OPEN, Level.REDUCE_ONLY, Level.HALTED, Level.FLATTENING, Level.LOCKED
_NONE = IGNORED

_COLUMNS = tuple(Command)


def _row(*cells: Level | Cell) -> dict[Command, Level | Cell]:
    return dict(zip(_COLUMNS, cells, strict=True))


GATE_TABLE: TransitionTable[Level, Command] = TransitionTable(
    "gate",
    Level,
    Command,
    {
        #       raise: R   H   F   L   lower: O      R      H      F
        _O: _row(_R, _H, _F, _L, _NONE, _NONE, _NONE, _NONE),
        _R: _row(_R, _H, _F, _L, _O, _NONE, _NONE, _NONE),
        _H: _row(_H, _H, _F, _L, _O, _R, _NONE, _NONE),
        _F: _row(_F, _F, _F, _L, _O, _R, _H, _NONE),
        _L: _row(_L, _L, _L, _L, _O, _R, _H, _F),
    },
)
