"""Bars as columns: what a machine may look through faster than one message after the other.

A machine that reads bars may offer two methods beside ``handle``. Together they say the same:

* ``scan(frame, first, last)`` returns the first row, from ``first`` on, whose bar could cause an
  effect, or ``last`` when none before it could. It changes nothing, and it may stop too early.
* ``advance(frame, first, last)`` takes the bars of the rows from ``first`` to before ``last``, of
  which ``scan`` has said that they cause nothing: afterwards the machine is as if it had handled
  each of them.

Rows come in order, but a frame also holds bars that its feed has not published: what lies before
``first`` and was neither handled nor advanced over must not be looked at.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from tidegate_contracts.market import Bar, FeedBatch, OptionGreeks, StatedGreeks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from tidegate_contracts.market import Instrument

BARS_MADE_AT_ONCE = 8_192
"""Bars that are made from the columns at a time."""
GREEK_PLACES = 8
"""Decimal places of the Greeks in a frame."""
NO_GREEK = -(2**63)
"""Stands in a frame's Greeks where the source states none."""
SINGLE_BARS_KEPT = 64
"""Bars of single rows that are kept, because several machines ask for the same."""


@dataclass(frozen=True, eq=False)
class Part:
    """One instrument's bars in a frame: ``values`` as there, and the rows in which they stand.

    ``rows`` is None where the frame holds nothing else, so that places and rows are the same.
    """

    rows: NDArray[np.intp] | None
    values: NDArray[np.int64]

    def place_of(self, row: int) -> int:
        """Return the place of the first bar at or after a row of the frame."""
        return row if self.rows is None else int(self.rows.searchsorted(row))

    def row_of(self, place: int, last: int) -> int:
        """Return the row of a place; ``last`` beyond the end of the part."""
        if self.rows is None:
            return place
        return int(self.rows[place]) if place < len(self.rows) else last


class _Made:
    """Bars that were made: those of the rows of one stretch, and some single ones by their row."""

    __slots__ = ("bars", "first", "last", "single")

    def __init__(self) -> None:
        self.first = self.last = 0
        self.bars: list[Bar] = []
        self.single: dict[int, Bar] = {}


@dataclass(frozen=True, eq=False)
class Frame:
    """Bars of one feed in the order in which they become known: by end, then venue and symbol.

    ``codes`` (n,) holds the place of each bar's instrument in ``instruments``; ``values`` (6, n)
    the rows start in ns, then open, high, low, close and volume in the instrument's scales.
    ``greeks`` (4, n) is None, or what the source states of options: delta, gamma, vega and theta,
    all four or none of a bar. The bars of one instant are never split between two frames.
    """

    feed: str
    timeframe_ns: int
    instruments: tuple[Instrument, ...]
    codes: NDArray[np.int32]
    values: NDArray[np.int64]
    greeks: NDArray[np.int64] | None = None
    _made: _Made = field(default_factory=_Made)

    def __len__(self) -> int:
        return len(self.codes)

    def end_ns(self, row: int) -> int:
        """Return the end of a row's bar."""
        return self._starts[row] + self.timeframe_ns

    def instant_of(self, row: int) -> int:
        """Return the first row of the instant that holds a row; the number of rows stays."""
        if self.is_single or row >= len(self):
            return row
        starts = self.values[0]
        return int(starts.searchsorted(starts[row]))

    def instant_after(self, row: int) -> int:
        """Return the first row of the instant after the one that holds a row."""
        if self.is_single:
            return row + 1
        starts = self.values[0]
        return int(starts.searchsorted(starts[row], "right"))

    def instants(self, first: int, last: int) -> Iterator[Sequence[Bar]]:
        """Yield the bars of each instant of a part that splits none; made some at a time."""
        while first < last:
            end = self.instant_of(min(first + BARS_MADE_AT_ONCE, last))
            end = end if end > first else self.instant_after(first)
            starts, bars = self.values[0, first:end], self.bars(first, end)
            if self.is_single:
                yield from zip(bars)
            else:
                cuts = ((starts[1:] != starts[:-1]).nonzero()[0] + 1).tolist()
                yield from map(bars.__getitem__, map(slice, [0, *cuts], [*cuts, len(bars)]))
            first = end

    def each(self, first: int, last: int) -> Iterator[Bar]:
        """Return the bars of a part one by one; made some at a time, which `bar` then knows."""
        return chain.from_iterable(self._some(first, last))

    def _some(self, first: int, last: int) -> Iterator[list[Bar]]:
        made = self._made
        for begin in range(first, last, BARS_MADE_AT_ONCE):
            end = min(begin + BARS_MADE_AT_ONCE, last)
            made.first, made.last, made.bars = begin, end, self.bars(begin, end)
            yield made.bars

    def batch(self, first: int, bars: Sequence[Bar]) -> FeedBatch:
        """Return what a feed's source hands in: the bars of the instant that begins at a row."""
        return FeedBatch(
            feed=self.feed,
            instant_ns=bars[0].end_ns,
            bars=tuple(bars),
            greeks=self._stated(first, bars),
        )

    def _stated(self, first: int, bars: Sequence[Bar]) -> tuple[StatedGreeks, ...]:
        if self.greeks is None:
            return ()
        columns = self.greeks[:, first : first + len(bars)].T.tolist()
        return tuple(
            StatedGreeks(
                venue=bar.venue,
                symbol=bar.symbol,
                greeks=_greeks_in(column, bar.end_ns),
            )
            for bar, column in zip(bars, columns, strict=True)
            if column[0] != NO_GREEK
        )

    def row_at(self, at_ns: int) -> int:
        """Return the first row whose bar ends at or after a time."""
        return bisect_left(self._starts, at_ns - self.timeframe_ns)

    def last_bars(self, first: int, last: int) -> list[Bar]:
        """Return the last bar of each instrument that has bars in a part, in their order."""
        if self.is_single:
            return [self.bar(last - 1)] if first < last else []
        return [self.bar(row) for row in self.last_rows(first, last)]

    @cached_property
    def is_single(self) -> bool:
        """Whether it holds one instrument: then each row is an instant, and a place of it."""
        return len(self.instruments) == 1

    @cached_property
    def _places(self) -> list[tuple[str, str]]:
        """Venue and symbol of each instrument."""
        return [(each.venue, each.symbol) for each in self.instruments]

    @cached_property
    def _starts(self) -> memoryview[int]:
        """The starts once more, where reading one and finding one cost less than in an array."""
        return memoryview(self.values[0])

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The bars of each instrument by themselves, in the order of ``instruments``."""
        if self.is_single:
            return (Part(None, self.values),)
        rows = [(self.codes == code).nonzero()[0] for code in range(len(self.instruments))]
        return tuple(Part(each, self.values[:, each]) for each in rows)

    def last_rows(self, first: int, last: int) -> list[int]:
        """Return the last row of each instrument that has bars in a part, ascending."""
        if self.is_single:
            return [last - 1] if first < last else []
        found: dict[int, int] = {}
        width = 2 * len(self.instruments)
        while first < last and len(found) < len(self.instruments):
            begin = max(first, last - width)
            backwards = self.codes[begin:last][::-1].tolist()
            for row, code in zip(range(last - 1, begin - 1, -1), backwards, strict=True):
                found.setdefault(code, row)
            last, width = begin, 2 * width
        return sorted(found.values())

    def bar(self, row: int) -> Bar:
        """Return the bar of one row; it is made unless it is one of those that were made last."""
        made = self._made
        if made.first <= row < made.last:
            return made.bars[row - made.first]
        bar = made.single.get(row)
        if bar is None:
            if len(made.single) >= SINGLE_BARS_KEPT:
                made.single.clear()
            bar = made.single[row] = self.bars(row, row + 1)[0]
        return bar

    def bars(self, first: int, last: int) -> list[Bar]:
        """Make the bars of the rows from ``first`` to before ``last``."""
        return self._make(self.codes[first:last], self.values[:, first:last])

    def newest(self, code: int, count: int, first: int, last: int) -> list[Bar]:
        """Make one instrument's last bars in a part, at most ``count``, oldest first."""
        part = self.parts[code]
        begin, end = part.place_of(first), part.place_of(last)
        begin = max(begin, end - count)
        if part.rows is None:
            return self.bars(begin, end)
        return self._make(self.codes[part.rows[begin:end]], part.values[:, begin:end])

    def _make(self, codes: NDArray[np.int32], values: NDArray[np.int64]) -> list[Bar]:
        feed, length, places = self.feed, self.timeframe_ns, self._places
        return [
            Bar(
                feed=feed,
                venue=places[code][0],
                symbol=places[code][1],
                timeframe_ns=length,
                start_ns=start,
                end_ns=start + length,
                open=opened,
                high=high,
                low=low,
                close=closed,
                volume=volume,
            )
            for code, start, opened, high, low, closed, volume in zip(
                codes.tolist(), *values.tolist(), strict=True
            )
        ]


def _greeks_in(column: list[int], at_ns: int) -> OptionGreeks:
    delta, gamma, vega, theta = (Decimal(each).scaleb(-GREEK_PLACES) for each in column)
    return OptionGreeks(delta=delta, gamma=gamma, vega=vega, theta=theta, at_ns=at_ns)


class FrameReader(Protocol):
    """What reads frames; see the module's text."""

    def scan(self, frame: Frame, first: int, last: int) -> int:
        """Return the first row that could cause an effect; ``last`` if there is none before."""
        ...

    def advance(self, frame: Frame, first: int, last: int) -> None:
        """Take rows that cause nothing."""
        ...
