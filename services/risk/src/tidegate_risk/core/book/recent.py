"""What the newest bars of a listing were like: ranges, closes and volumes of the last days.

On the wall's clock kept for every listing, so that a live session's first signal finds it known;
in lockstep from a listing's first signal on, so that bars that nobody trades cost nothing. Kept for
the shortest bars of a listing: a longer one is left out, a shorter one begins anew. What is kept is
bounded, and depends on the last bars alone, so that it is the same whether bars come one by one or
as columns.
"""

from __future__ import annotations

from operator import sub
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate_kernel.money import INT64_MAX
from tidegate_kernel.time import NS_PER_DAY, day_of, is_same_day

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tidegate_contracts.market import Bar

RANGES_KEPT = 120
"""Wilder's average over 14 bars forgets its first value to 0.04 % within so many."""
DAYS_KEPT = 20
"""A month of trading: the days whose mean volume is a day's volume."""

FEW = 8
"""So many bars are taken faster one by one than as columns."""


class Recent(msgspec.Struct):
    """The newest bars of one listing, in its own scales; nothing before the first bar."""

    timeframe_ns: int = 0
    end_ns: int = 0
    # True ranges: the larger of high and the close before, less the smaller of low and that close.
    ranges: list[int] = []
    # One more than ranges.
    closes: list[int] = []
    day: int = -1
    day_volume: int = 0
    # Of whole days only: the day in which it began is not one.
    volumes: list[int] = []
    first_day: int = -1

    def take(self, bar: Bar) -> None:
        """Take one bar."""
        if self._is_news(bar.timeframe_ns):
            self._take_one(bar.start_ns, bar.high, bar.low, bar.close, bar.volume)

    def take_columns(self, timeframe_ns: int, values: NDArray[np.int64]) -> None:
        """Take bars of one length as columns, oldest first; rows as in `Frame.values`."""
        count = values.shape[1]
        if not count or not self._is_news(timeframe_ns):
            return
        if count <= FEW:
            for start, _, high, low, close, volume in values.T.tolist():
                self._take_one(start, high, low, close, volume)
            return
        values = values[:, values[0].searchsorted(self.end_ns - timeframe_ns, "right") :]
        if not values.shape[1]:
            return
        self.end_ns = int(values[0, -1]) + timeframe_ns
        self._add_volumes(_volumes_by_day(values))
        self._add_ranges(*values[2:5, -RANGES_KEPT - 1 :].tolist())

    @property
    def daily_volume(self) -> int | None:
        """The mean of the last whole days, or None while there is none."""
        return sum(self.volumes) // len(self.volumes) if self.volumes else None

    def _is_news(self, timeframe_ns: int) -> bool:
        """Tell whether bars of this length count; shorter ones than before begin anew."""
        if timeframe_ns < self.timeframe_ns:
            self.end_ns = self.day_volume = 0
            self.day = self.first_day = -1
            self.ranges, self.closes, self.volumes = [], [], []
        if self.timeframe_ns == 0 or timeframe_ns < self.timeframe_ns:
            self.timeframe_ns = timeframe_ns
        return timeframe_ns == self.timeframe_ns

    def _take_one(self, start_ns: int, high: int, low: int, close: int, volume: int) -> None:
        end_ns = start_ns + self.timeframe_ns
        if end_ns > self.end_ns:
            self.end_ns = end_ns
            if self.day == day_of(start_ns):
                self.day_volume += volume
            else:
                self._add_volumes(((start_ns, volume),))
            if self.closes:
                before = self.closes[-1]
                self.ranges.append(max(high, before) - min(low, before))
                del self.ranges[:-RANGES_KEPT]
            self.closes.append(close)
            del self.closes[: -RANGES_KEPT - 1]

    def _add_ranges(self, highs: list[int], lows: list[int], closes: list[int]) -> None:
        """Add bars by their columns; the first of all has no close before it, and no range."""
        if not self.closes:
            highs, lows = highs[1:], lows[1:]
        before = [*self.closes[-1:], *closes[:-1]]
        self.ranges += map(sub, map(max, highs, before), map(min, lows, before))
        self.closes += closes
        del self.ranges[:-RANGES_KEPT], self.closes[: -RANGES_KEPT - 1]

    def _add_volumes(self, volumes: Iterable[tuple[int, int]]) -> None:
        """Add volumes, each with a time of the day in which it was traded."""
        for at_ns, volume in volumes:
            day = day_of(at_ns)
            if day == self.day:
                self.day_volume += volume
                continue
            if self.day not in {-1, self.first_day}:
                self.volumes.append(self.day_volume)
                del self.volumes[:-DAYS_KEPT]
            if self.day == -1:
                self.first_day = day
            self.day, self.day_volume = day, volume


def _volumes_by_day(values: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return the volume of each day with the start of its first bar."""
    starts, volumes = values[0], values[5]
    first_ns = int(starts[0])
    if len(volumes) <= RANGES_KEPT and is_same_day(first_ns, int(starts[-1])):
        return [(first_ns, sum(volumes.tolist()))]
    if int(volumes.max()) * len(volumes) > INT64_MAX:
        return list(zip(starts.tolist(), volumes.tolist(), strict=True))
    days = starts // NS_PER_DAY
    firsts = np.concatenate(([0], (days[1:] != days[:-1]).nonzero()[0] + 1))
    sums = np.add.reduceat(volumes, firsts)
    return list(zip(starts[firsts].tolist(), sums.tolist(), strict=True))
