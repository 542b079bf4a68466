"""Parts of files, read and judged, and put together by ranges of time.

A slab is all bars whose start lies in a range. Ranges are chosen so that a slab holds about
`Sizes.slab`; where everything is kept in memory there is one slab. Files that are sorted by time
are read once from end to end; one that is sorted by symbol is read again for each slab.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tidegate_kernel.money import INT64_MAX
from tidegate_market_data.adapters.pieces import piece_of
from tidegate_market_data.adapters.rows import Rows, between, judged_rows, only
from tidegate_market_data.adapters.table import read_part
from tidegate_market_data.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from tidegate_market_data.adapters.pieces import Piece
    from tidegate_market_data.adapters.table import Part

_BINS_MAX = 2**16
_SECOND_SHIFT = 30


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many bars are in memory at a time; all are numbers of bars.

    Parquet files that together hold more than ``stream_above`` are streamed: ``part`` is what is
    read at a time (a larger row group whole), ``slab`` what is given out at a time, ``kept`` what
    is kept of parts, because the next slab may need them again. A row group with more than
    ``group_max`` is refused.
    """

    stream_above: int = 2_000_000
    part: int = 2**18
    slab: int = 2**18
    kept: int = 2**20
    group_max: int = 2**22


class PartReader:
    """Reads parts; the last ones are kept, or all where no sizes are given."""

    def __init__(
        self,
        parts: Sequence[Part],
        symbols: tuple[str, ...],
        venue: str,
        sizes: Sizes | None,
        optional: tuple[str, ...] = (),
    ) -> None:
        """Only these symbols are kept; none means all. ``venue`` is that of rows without one.

        ``optional`` names columns that are read too where a file has them all.
        """
        self.parts = tuple(parts)
        self._optional = optional
        self.present: set[str] = set()
        self._symbols, self._venue = symbols, venue
        self._kept_bars = math.inf if sizes is None else sizes.kept
        self._group_max = math.inf if sizes is None else sizes.group_max
        self._kept: OrderedDict[int, Rows] = OrderedDict()

    def rows(self, place: int) -> Rows:
        """Return a part's rows, judged."""
        if place in self._kept:
            self._kept.move_to_end(place)
            return self._kept[place]
        part = self.parts[place]
        if (part.bar_count or 0) > self._group_max:
            expected = f"row groups of at most {self._group_max} bars, to be read one by one"
            hint = "write the file with smaller row groups"
            raise DataError(str(part.path), expected, f"one of {part.bar_count}", hint)
        judged = judged_rows(read_part(part, self._optional), self._venue)
        self.present.update(symbol for _, symbol in judged.keys)
        rows = self._kept[place] = only(judged, self._symbols)
        while len(self._kept) > 1 and self._held() > self._kept_bars:
            self._kept.popitem(last=False)
        return rows

    def _held(self) -> int:
        return sum(len(rows.codes) for rows in self._kept.values())


class Spread:
    """How many bars start when: counts in bins, whose width grows with the time they span."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._shift = _SECOND_SHIFT
        self._bins = np.zeros(0, np.int64)
        self._counts = np.zeros(0, np.int64)

    def take(self, starts_ns: NDArray[np.int64]) -> None:
        """Count more bars."""
        bins, counts = np.unique(starts_ns >> self._shift, return_counts=True)
        self._merge(np.concatenate((self._bins, bins)), np.concatenate((self._counts, counts)))
        while len(self._bins) > _BINS_MAX:
            self._shift += 1
            self._merge(self._bins >> 1, self._counts)

    def edges(self, slab_bars: int) -> list[int]:
        """Return where slabs begin and end: each holds about so many bars, or one bin."""
        slab = (np.cumsum(self._counts) - self._counts) // slab_bars
        first = np.flatnonzero(np.diff(slab)) + 1
        return [0, *((self._bins[first]) << self._shift).tolist(), INT64_MAX]

    def _merge(self, bins: NDArray[np.int64], counts: NDArray[np.int64]) -> None:
        self._bins, place = np.unique(bins, return_inverse=True)
        self._counts = np.bincount(place, weights=counts).astype(np.int64)


class Slabs:
    """All bars of some parts in order of time, a slab at a time."""

    def __init__(
        self, reader: PartReader, ranges: Sequence[tuple[int, int]], edges: Sequence[int]
    ) -> None:
        """``ranges`` are the first and last start of each part; an empty part has (1, 0)."""
        self._reader = reader
        self._ranges = tuple(ranges)
        self._edges = tuple(edges)

    def pieces(self, from_ns: int = 0) -> Iterator[Piece]:
        """Yield the slabs that hold bars that start at ``from_ns`` or later, oldest first."""
        for low, high in pairwise(self._edges):
            if high <= from_ns:
                continue
            chosen = [
                between(self._reader.rows(place), low, high)
                for place, (first, last) in enumerate(self._ranges)
                if first < high and last >= low and first <= last
            ]
            if any(len(rows.codes) for rows in chosen):
                yield piece_of(chosen)
