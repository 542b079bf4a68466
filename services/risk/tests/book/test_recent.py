"""Recent bars: true ranges, closes and daily volumes, the same one by one and as columns."""

from __future__ import annotations

import msgspec
import numpy as np
from hypothesis import given, strategies as st

from tidegate_contracts.market import Bar
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.book.recent import DAYS_KEPT, FEW, RANGES_KEPT, Recent
from tidegate_risk.testing import START_NS, bar

Row = tuple[int, int, int, int]
HOUR_NS = NS_PER_DAY // 24


def bars_of(rows: list[Row], timeframe_ns: int) -> list[Bar]:
    """Return bars with these high, low, close and volume, one after the other."""
    return [
        msgspec.structs.replace(
            bar(end_ns=START_NS + (number + 1) * timeframe_ns),
            timeframe_ns=timeframe_ns,
            start_ns=START_NS + number * timeframe_ns,
            high=high,
            low=low,
            close=close,
            volume=volume,
        )
        for number, (high, low, close, volume) in enumerate(rows)
    ]


def columns_of(bars: list[Bar]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return bars as the columns of a frame."""
    return np.array(
        [[b.start_ns, b.open, b.high, b.low, b.close, b.volume] for b in bars], dtype=np.int64
    ).T.reshape(6, len(bars))


def taken(bars: list[Bar]) -> Recent:
    """Return what is recent after bars one by one."""
    recent = Recent()
    for each in bars:
        recent.take(each)
    return recent


def test_a_true_range_reaches_to_the_close_before() -> None:
    """A gap belongs to the range of the bar after it; the first bar has none."""
    recent = taken(bars_of([(12, 8, 10, 1), (13, 11, 12, 1), (9, 7, 8, 1), (9, 7, 8, 1)], HOUR_NS))
    assert recent.ranges == [3, 5, 2]
    assert recent.closes == [10, 12, 8, 8]


def test_a_days_volume_is_the_mean_of_whole_days() -> None:
    """Neither the first day, which may have begun before, nor the one that is not over."""
    half = NS_PER_DAY // 2
    rows = [(1, 1, 1, volume) for volume in (5, 5, 10, 20, 40, 50, 7)]
    recent = taken(bars_of(rows, half))
    assert recent.volumes == [30, 90]
    assert recent.daily_volume == 60
    assert taken(bars_of(rows[:4], half)).daily_volume is None
    assert taken(bars_of(rows[:5], half)).daily_volume == 30


def test_what_is_kept_is_bounded() -> None:
    """A ring of ranges, a month of volumes."""
    recent = taken(bars_of([(2, 1, 1, n) for n in range(400)], NS_PER_DAY))
    assert len(recent.ranges) == RANGES_KEPT
    assert len(recent.closes) == RANGES_KEPT + 1
    assert recent.volumes == list(range(399 - DAYS_KEPT, 399))


def test_longer_bars_are_left_out_and_shorter_ones_begin_anew() -> None:
    """Two lengths of bar mixed would be no series."""
    recent = taken(bars_of([(2, 1, 1, 1), (9, 1, 5, 1)], NS_PER_DAY))
    fine = bars_of([(4, 3, 3, 1)] * 60, HOUR_NS)[50:]
    for each in fine:
        recent.take(each)
    assert recent.timeframe_ns == HOUR_NS
    assert recent.ranges == [1] * 9
    before = msgspec.structs.asdict(recent)
    recent.take(bars_of([(99, 1, 50, 1)] * 9, NS_PER_DAY)[8])
    assert msgspec.structs.asdict(recent) == before


def test_a_late_bar_changes_nothing() -> None:
    """Only what ends later is news."""
    bars = bars_of([(2, 1, 1, 1), (9, 1, 5, 1), (9, 1, 5, 1)], HOUR_NS)
    recent = taken(bars)
    before = msgspec.structs.asdict(recent)
    recent.take(bars[1])
    recent.take_columns(HOUR_NS, columns_of(bars))
    recent.take_columns(HOUR_NS, columns_of(bars * 4))
    assert msgspec.structs.asdict(recent) == before


prices = st.integers(1, 1_000)
rows = st.tuples(prices, prices, prices, st.integers(0, 10**6))


@given(
    st.lists(rows, min_size=1, max_size=40).map(lambda few: few * 8),
    st.lists(st.integers(0, 200), max_size=8),
    st.sampled_from([HOUR_NS, NS_PER_DAY // 2, NS_PER_DAY, 7 * HOUR_NS]),
)
def test_columns_leave_the_same_as_bar_by_bar(
    series: list[Row], cuts: list[int], timeframe_ns: int
) -> None:
    """However the series is cut, in parts of few bars and of many."""
    bars = bars_of(series, timeframe_ns)
    recent, begin = Recent(), 0
    for size in (*cuts, FEW, FEW + 1, len(bars)):
        recent.take_columns(timeframe_ns, columns_of(bars[begin : begin + size]))
        begin += size
    assert recent == taken(bars)


def test_volumes_that_overflow_64_bits_are_still_exact() -> None:
    """Columns add them up as Python does."""
    bars = bars_of([(1, 1, 1, 2**62)] * 80, HOUR_NS)
    recent = Recent()
    recent.take_columns(HOUR_NS, columns_of(bars))
    assert recent == taken(bars)
    assert recent.daily_volume == 24 * 2**62
