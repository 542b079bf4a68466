"""Closes are sampled at their boundaries, one by one and as columns alike."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, strategies as st

from tidegate_contracts.frame import Frame
from tidegate_contracts.market import Bar
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.book.market import Market
from tidegate_risk.core.portfolio.sampling import NS_PER_HOUR, Samples
from tidegate_risk.core.portfolio.window import ReturnWindow
from tidegate_risk.testing import FEED, START_NS, VENUE, bar, instrument

SYMBOLS = ("AAPL", "BTC", "MSFT")
MINUTE_NS = NS_PER_HOUR // 60
APPLE = f"{VENUE}|AAPL"
SINGLE, UNPUBLISHED = 1, 2
"""Every third stretch of a frame comes bar by bar, and every third is dropped by its feed."""


def feed(samples: Samples, market: Market, *bars: Bar) -> None:
    """Give bars one by one, as the decision machine does."""
    for each in bars:
        if each.end_ns > samples.due_ns:
            samples.take(each, market)
        market.mark(each)


def closes(samples: Samples, name: str = "daily") -> list[list[int]]:
    """Return a window's closes, listing by listing."""
    snapshot = getattr(samples.snapshot(), name)
    times = np.frombuffer(snapshot.times, np.int64)
    found = np.frombuffer(snapshot.closes, np.int64).reshape(len(snapshot.listings), len(times))
    rows: list[list[int]] = found.tolist()
    return rows


def days(*cents: int, symbol: str = "AAPL", first: int = 0) -> list[Bar]:
    """Return daily bars of one symbol."""
    return [bar(symbol, each, START_NS + (first + n) * NS_PER_DAY) for n, each in enumerate(cents)]


def test_a_row_holds_the_last_close_up_to_its_boundary() -> None:
    """The bar that ends on the boundary belongs to the row; the one after it closes the row."""
    samples, market = Samples(10, 10), Market()
    feed(samples, market, *days(100, 110))
    assert closes(samples) == [[100]]
    feed(samples, market, *days(99, first=2))
    assert closes(samples) == [[100, 110]]
    begin, end = samples.daily.rows()
    assert samples.daily.time_of(end - 1) == START_NS + NS_PER_DAY
    assert samples.daily.returns(APPLE, begin, end).tolist() == [110 / 100 - 1]


def test_a_window_keeps_its_newest_rows() -> None:
    """What is older than the window leaves it, over many slides of its buffer."""
    samples, market = Samples(3, 10), Market()
    feed(samples, market, *days(*range(100, 140)))
    assert closes(samples) == [[136, 137, 138]]


def test_a_boundary_without_bars_has_no_row() -> None:
    """After a weekend the next row follows Friday's."""
    samples, market = Samples(10, 10), Market()
    feed(samples, market, *days(100), *days(104, first=3), *days(105, first=4))
    assert closes(samples) == [[100, 104]]


@given(hours=st.lists(st.integers(0, 200), unique=True, max_size=30), begin=st.integers(0, 30))
def test_days_are_those_on_which_there_are_rows(hours: list[int], begin: int) -> None:
    """A weekend has none, and the hours of one day count once."""
    window = ReturnWindow(NS_PER_HOUR, 30)
    times = np.array(sorted(hours), np.int64) * NS_PER_HOUR
    window.append((APPLE,), times, np.ones((1, len(times)), np.int64))
    begin = min(begin, len(times))
    days = {each // NS_PER_DAY for each in times[begin:].tolist()}
    assert window.days(begin, len(times)) == len(days)


def test_an_untraded_listing_keeps_its_close_and_a_new_one_begins_late() -> None:
    """A row carries the newest close of everybody; before the first bar there is none."""
    samples, market = Samples(10, 10), Market()
    feed(samples, market, *days(100, 101))
    feed(samples, market, *days(50, symbol="MSFT", first=2), *days(49, symbol="MSFT", first=3))
    assert closes(samples) == [[100, 101, 101], [0, 0, 50]]
    begin, end = samples.daily.rows()
    assert samples.daily.returns(f"{VENUE}|MSFT", begin, end).tolist() == []
    assert len(samples.daily.returns(APPLE, begin, end)) == 2


def test_daily_bars_say_nothing_about_hours() -> None:
    """Bars longer than a step neither begin nor end its rows."""
    samples, market = Samples(10, 10), Market()
    feed(samples, market, *days(100, 101, 102))
    assert closes(samples, "hourly") == []


def test_closes_in_another_scale_begin_anew() -> None:
    """A new price scale would look like a crash, so what was kept in the old one is dropped."""
    samples, market = Samples(10, 10), Market()
    feed(samples, market, *days(100, 101, 102))
    samples.forget(instrument(), instrument(price_scale=2))
    assert closes(samples) == [[100, 101]]
    samples.forget(instrument(), instrument(price_scale=4))
    assert closes(samples) == [[0, 0]]
    feed(samples, market, *days(10_300, 10_403, 10_500, first=3))
    begin, end = samples.daily.rows()
    assert samples.daily.returns(APPLE, begin, end).tolist() == [
        10_300 / 102 - 1,
        10_403 / 10_300 - 1,
    ]


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """Draw random bars of some symbols, with holes."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(1, 120))
    step = draw(st.sampled_from([7 * MINUTE_NS, 3 * NS_PER_HOUR, NS_PER_DAY, 7 * NS_PER_DAY]))
    symbols = draw(st.integers(1, len(SYMBOLS)))
    there = generator.random((count, symbols)) < draw(st.sampled_from([1.0, 0.7, 0.1]))
    there[0, 0] = True
    rows, codes = np.nonzero(there)
    values = np.empty((6, len(rows)), np.int64)
    values[0] = START_NS + rows * step
    values[1:] = generator.integers(1, 1_000, len(rows))
    return Frame(
        feed=FEED,
        timeframe_ns=step,
        instruments=tuple(instrument(each) for each in SYMBOLS[:symbols]),
        codes=codes.astype(np.int32),
        values=values,
    )


def test_rows_that_a_feed_dropped_are_not_looked_at() -> None:
    """A day of which nothing was published has no row, even if the next days come as columns."""
    values = np.empty((6, 6), np.int64)
    values[0] = START_NS + np.arange(6) * NS_PER_DAY
    values[1:] = np.arange(100, 106)
    frame = Frame(
        feed=FEED,
        timeframe_ns=NS_PER_DAY,
        instruments=(instrument("AAPL"),),
        codes=np.zeros(6, np.int32),
        values=values,
    )
    samples, market = Samples(10, 10), Market()
    feed(samples, market, *frame.bars(0, 2))
    samples.advance(frame, 4, 6, market)
    assert closes(samples) == [[100, 101, 104]]


@given(frame=frames(), cuts=st.lists(st.integers(0, 360), max_size=12), rows=st.integers(2, 40))
def test_columns_leave_the_rows_that_single_bars_leave(
    frame: Frame, cuts: list[int], rows: int
) -> None:
    """However a frame is cut into stretches, published or not, both windows end as bar by bar."""
    plain, plain_market = Samples(rows, rows), Market()
    samples, market = Samples(rows, rows), Market()
    places = sorted({0, len(frame), *(frame.instant_of(min(each, len(frame))) for each in cuts)})
    for number, (first, last) in enumerate(pairwise(places)):
        if number % 3 == UNPUBLISHED:
            continue
        feed(plain, plain_market, *frame.bars(first, last))
        if number % 3 == SINGLE:
            feed(samples, market, *frame.bars(first, last))
            continue
        samples.advance(frame, first, last, market)
        for each in frame.last_bars(first, last):
            market.mark(each)
    assert samples.snapshot() == plain.snapshot()
    assert samples.due_ns == plain.due_ns


@given(frame=frames(), cut=st.integers(0, 360))
def test_a_restored_window_goes_on_as_if_nothing_had_happened(frame: Frame, cut: int) -> None:
    """A snapshot anywhere changes nothing of what follows."""
    place = min(cut, len(frame))
    plain, market = Samples(20, 20), Market()
    feed(plain, market, *frame.bars(0, place))
    copied = Samples(20, 20)
    copied.load(plain.snapshot())
    assert copied.due_ns == plain.due_ns
    bars = dict(market.bars)
    feed(plain, market, *frame.bars(place, len(frame)))
    feed(copied, Market(bars=bars), *frame.bars(place, len(frame)))
    assert copied.snapshot() == plain.snapshot()
