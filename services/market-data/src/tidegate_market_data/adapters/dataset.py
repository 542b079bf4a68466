"""Validated bars of one feed: columns, from which batches and history are made when asked for.

`Bars` is what replays, backtests and queries ask; `Dataset` holds its columns in memory, and
`tidegate_market_data.adapters.streamed` reads them anew, a part at a time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tidegate_contracts.frame import Frame
from tidegate_contracts.market import Bar, Instrument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tidegate_contracts.market import FeedBatch


BAR_ROWS = 6
"""Rows of `Columns.values` that hold the bars."""


class Columns(NamedTuple):
    """Bars as columns, in the order in which they become known: by end, then venue and symbol.

    `codes` (n,) holds the place of each bar's instrument in `Bars.instruments`; `values` (6, n)
    the rows start in ns, then open, high, low, close and volume in the instrument's scales. Where
    the files state Greeks there are four more, those of `Frame.greeks`.
    """

    codes: NDArray[np.int32]
    values: NDArray[np.int64]


class Bars(ABC):
    """Bars of one feed, in the order in which they become known."""

    feed: str
    timeframe_ns: int
    instruments: tuple[Instrument, ...]
    """By venue and symbol."""
    warnings: tuple[str, ...]

    @property
    @abstractmethod
    def bar_count(self) -> int:
        """How many bars there are."""

    @property
    @abstractmethod
    def instant_count(self) -> int:
        """How many instants (distinct ends) there are."""

    @property
    @abstractmethod
    def first_ns(self) -> int:
        """Start of the first bar."""

    @property
    @abstractmethod
    def last_ns(self) -> int:
        """End of the last bar."""

    @abstractmethod
    def chunks(self, after_ns: int = 0) -> Iterator[Columns]:
        """Yield the bars that end later than ``after_ns``; no instant is split between two."""

    @abstractmethod
    def history(self, instrument: Instrument, from_ns: int, to_ns: int, limit: int) -> list[Bar]:
        """Return the first ``limit`` bars of an instrument that start in [from, to)."""

    def frames(self) -> Iterator[Frame]:
        """Yield all bars as frames: what machines look through."""
        for codes, values in self.chunks():
            yield self._frame(codes, values)

    def batches(self, after_ns: int = 0) -> Iterator[FeedBatch]:
        """Yield the bars of each instant later than ``after_ns``, oldest first."""
        for codes, values in self.chunks(after_ns):
            frame, first = self._frame(codes, values), 0
            for bars in frame.instants(0, len(codes)):
                yield frame.batch(first, bars)
                first += len(bars)

    def _made(self, codes: NDArray[np.int32], values: NDArray[np.int64]) -> list[Bar]:
        return self._frame(codes, values).bars(0, len(codes))

    def _frame(self, codes: NDArray[np.int32], values: NDArray[np.int64]) -> Frame:
        bars, greeks = values[:BAR_ROWS], values[BAR_ROWS:]
        stated = greeks if len(greeks) else None
        return Frame(self.feed, self.timeframe_ns, self.instruments, codes, bars, stated)


@dataclass(frozen=True, eq=False)
class Dataset(Bars):
    """Bars in memory; `codes` and `values` are `Columns` of all of them."""

    feed: str
    timeframe_ns: int
    instruments: tuple[Instrument, ...]
    codes: NDArray[np.int32]
    values: NDArray[np.int64]
    warnings: tuple[str, ...] = ()

    @property
    def bar_count(self) -> int:
        """How many bars there are."""
        return len(self.codes)

    @property
    def first_ns(self) -> int:
        """Start of the first bar."""
        return int(self.values[0, 0])

    @property
    def last_ns(self) -> int:
        """End of the last bar."""
        return int(self.values[0, -1]) + self.timeframe_ns

    @cached_property
    def instant_count(self) -> int:
        """How many instants (distinct ends) there are."""
        return int(np.count_nonzero(np.diff(self.values[0]))) + 1

    def chunks(self, after_ns: int = 0) -> Iterator[Columns]:
        """Yield all bars that end later than ``after_ns`` in one piece."""
        first = int(np.searchsorted(self.values[0], after_ns - self.timeframe_ns, side="right"))
        if first < self.bar_count:
            yield Columns(self.codes[first:], self.values[:, first:])

    def frames(self) -> Iterator[Frame]:
        """Yield all bars as one frame: runs on the same bars share what it has worked out."""
        if self.bar_count:
            yield self._whole

    @cached_property
    def _whole(self) -> Frame:
        return self._frame(self.codes, self.values)

    def history(self, instrument: Instrument, from_ns: int, to_ns: int, limit: int) -> list[Bar]:
        """Return the first ``limit`` bars of an instrument that start in [from, to)."""
        rows = self._rows_of[self.instruments.index(instrument)]
        first, last = np.searchsorted(self.values[0, rows], (from_ns, to_ns))
        chosen = rows[first : min(int(last), int(first) + limit)]
        return self._made(self.codes[chosen], self.values[:, chosen])

    @cached_property
    def _rows_of(self) -> list[NDArray[np.intp]]:
        return [np.flatnonzero(self.codes == code) for code in range(len(self.instruments))]
