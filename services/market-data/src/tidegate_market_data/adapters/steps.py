"""The starts of each symbol across pieces: each once, and all on one grid.

1. The same start of a symbol twice is an error that names both rows.
2. The timeframe is the declared one, or the smallest step, which every symbol must have.
3. Every other step is a multiple of it.

What is remembered of a symbol is its last start and its distinct steps; only an error looks for
its row again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tidegate_kernel.time import format_time
from tidegate_market_data.adapters.timeframe import length_of, off_steps, step_text
from tidegate_market_data.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from tidegate_market_data.adapters.pieces import Key, Piece

    Pieces = Callable[[], Iterator[Piece]]

DISTINCT_MAX = 4_096
"""So many distinct steps of a symbol are remembered; with more, every row is looked at again."""


@dataclass(slots=True)
class _Known:
    last_ns: int
    smallest_ns: int = 0
    distinct: set[int] = field(default_factory=set)


class Steps:
    """What is known of every symbol's starts."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._known: dict[Key, _Known] = {}

    def take(self, piece: Piece) -> bool:
        """Take a piece; False when a start is not later than its symbol's last one."""
        for key, segment in piece.segments():
            starts = piece.starts_ns[segment]
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = _Known(int(starts[0]))
            else:
                starts = np.concatenate(([known.last_ns], starts))
            steps = np.diff(starts)
            if len(steps) and steps.min() <= 0:
                return False
            known.last_ns = int(starts[-1])
            if len(steps):
                _remember(known, steps)
        return True

    def timeframe(self, declared_ns: int | None, pieces: Pieces, file: str) -> int:
        """Return the length of the bars; ``pieces`` goes through all of them in order of time."""
        known = {key: self._known[key] for key in sorted(self._known)}
        lengths = {k: length_of(each.smallest_ns) for k, each in known.items() if each.smallest_ns}
        if declared_ns is None and not lengths:
            expected = "two bars of a symbol, or a timeframe in the configuration"
            raise DataError(file, expected, "single bars")
        length_ns = declared_ns or min(lengths.values())
        for key, each in known.items():
            if declared_ns is None and lengths.get(key, length_ns) != length_ns:
                _refuse_length(pieces, key, lengths[key], length_ns)
            distinct = np.fromiter(each.distinct, np.int64, len(each.distinct))
            if len(distinct) > DISTINCT_MAX or off_steps(distinct, length_ns).any():
                _require_steps(pieces, key, length_ns)
        return length_ns


def require_once(pieces: Pieces) -> None:
    """Refuse the first bar, by venue, symbol and start, that is there twice."""
    found: tuple[tuple[Key, int], DataError] | None = None
    for piece in pieces():
        again = (np.diff(piece.codes) == 0) & (np.diff(piece.starts_ns) == 0)
        if again.any():
            place = int(np.flatnonzero(again)[0]) + 1
            where = (piece.keys[int(piece.codes[place])], int(piece.starts_ns[place]))
            if found is None or where < found[0]:
                found = (where, _again(piece, place))
    if found is not None:
        raise found[1]


def first_place(pieces: Pieces, key: Key) -> tuple[Piece, int]:
    """Return the piece that holds a symbol's first bar, and its place there."""
    for piece in pieces():
        segment = piece.segment(key)
        if segment is not None:
            return piece, segment.start
    message = f"expected a bar of {key}: a piece had one before"
    raise AssertionError(message)


def _remember(known: _Known, steps: NDArray[np.int64]) -> None:
    smallest = int(steps.min())
    known.smallest_ns = min(known.smallest_ns or smallest, smallest)
    if len(known.distinct) <= DISTINCT_MAX:
        usual = int(steps[0])
        known.distinct.add(usual)
        known.distinct.update(np.unique(steps[steps != usual])[: DISTINCT_MAX + 1].tolist())


def _again(piece: Piece, place: int) -> DataError:
    symbol = piece.keys[int(piece.codes[place])][1]
    found = f"{symbol} {format_time(int(piece.starts_ns[place]))} again"
    hint = f"the first is row {int(piece.row_numbers[place - 1])} of {piece.file(place - 1)}"
    return piece.error(place, "each bar once", found, hint)


def _refuse_length(pieces: Pieces, key: Key, step_ns: int, length_ns: int) -> None:
    piece, place = first_place(pieces, key)
    raise piece.error(
        place,
        f"a smallest step of {step_text(length_ns)} for {key[1]}, as for the other symbols",
        step_text(step_ns),
        f"give bars of one length, or set timeframe: {step_text(length_ns)}",
    )


def _require_steps(pieces: Pieces, key: Key, length_ns: int) -> None:
    last_ns: int | None = None
    for piece in pieces():
        segment = piece.segment(key)
        if segment is None:
            continue
        starts = piece.starts_ns[segment]
        steps = np.diff(starts, prepend=starts[0] if last_ns is None else last_ns)
        off = np.flatnonzero(off_steps(steps, length_ns))
        if len(off):
            expected = f"{key[1]} to step by a multiple of {step_text(length_ns)}"
            found = f"a step of {step_text(int(steps[off[0]]))}"
            raise piece.error(segment.start + int(off[0]), expected, found)
        last_ns = int(starts[-1])
