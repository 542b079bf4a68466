"""The part of a feed's bars that lies in a period."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tidegate_kernel.time import format_time
from tidegate_market_data.adapters.dataset import Bars, Columns
from tidegate_market_data.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_contracts.market import Bar, Instrument

_FOR_EVER_NS = 2**63 - 1


class _Size(NamedTuple):
    bars: int
    instants: int
    first_ns: int
    last_ns: int


class Period(Bars):
    """The bars that start in [since, until); none is a `DataError`.

    Instruments and their scales stay those of all bars, whatever part is played.
    """

    def __init__(self, bars: Bars, since_ns: int | None, until_ns: int | None) -> None:
        self.feed = bars.feed
        self.timeframe_ns = bars.timeframe_ns
        self.instruments = bars.instruments
        self.warnings = bars.warnings
        self._bars_of_all = bars
        self._since_ns = since_ns or 0
        self._until_ns = _FOR_EVER_NS if until_ns is None else until_ns
        self._size = self._measured()

    @property
    def bar_count(self) -> int:
        """How many bars there are."""
        return self._size.bars

    @property
    def instant_count(self) -> int:
        """How many instants (distinct ends) there are."""
        return self._size.instants

    @property
    def first_ns(self) -> int:
        """Start of the first bar."""
        return self._size.first_ns

    @property
    def last_ns(self) -> int:
        """End of the last bar."""
        return self._size.last_ns

    def chunks(self, after_ns: int = 0) -> Iterator[Columns]:
        """Yield the bars that end later than ``after_ns``; no instant is split between two."""
        first_ns = max(after_ns, self._since_ns + self.timeframe_ns - 1)
        for codes, values in self._bars_of_all.chunks(first_ns):
            count = int(np.searchsorted(values[0], self._until_ns))
            if count:
                yield Columns(codes[:count], values[:, :count])
            if count < len(codes):
                return

    def history(self, instrument: Instrument, from_ns: int, to_ns: int, limit: int) -> list[Bar]:
        """Return the first ``limit`` bars of an instrument that start in [from, to)."""
        first_ns, last_ns = max(from_ns, self._since_ns), min(to_ns, self._until_ns)
        return self._bars_of_all.history(instrument, first_ns, last_ns, limit)

    def _measured(self) -> _Size:
        bars = instants = first_ns = last_ns = 0
        for codes, values in self.chunks():
            first_ns = first_ns if bars else int(values[0, 0])
            last_ns = int(values[0, -1]) + self.timeframe_ns
            bars += len(codes)
            instants += int(np.count_nonzero(np.diff(values[0]))) + 1
        if not bars:
            raise self._nothing()
        return _Size(bars, instants, first_ns, last_ns)

    def _nothing(self) -> DataError:
        whole = self._bars_of_all
        last_start_ns = whole.last_ns - whole.timeframe_ns
        found = f"starts from {format_time(whole.first_ns)} to {format_time(last_start_ns)}"
        expected = "a bar that starts"
        if self._since_ns:
            expected += f" at {format_time(self._since_ns)} or later"
        if self._until_ns < _FOR_EVER_NS:
            expected += f" before {format_time(self._until_ns)}"
        return DataError("the data", expected, found, "choose a period of the data")
