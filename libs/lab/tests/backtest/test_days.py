from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tidegate_contracts.market import Instrument
from tidegate_contracts.portfolio import AccountSnapshot, Position
from tidegate_kernel.time import NS_PER_DAY
from tidegate_lab.backtest import Run
from tidegate_lab.backtest.days import Days, days_of, market_of
from tidegate_market_data.adapters.dataset import Dataset

HALF = NS_PER_DAY // 2


def _dataset() -> Dataset:
    """Half-day bars of A on days 1 to 3, and of B on day 3 only; closes are opens + 1."""
    rows = [
        (1, 0, 0, 10),
        (1, 1, 0, 12),
        (2, 0, 0, 14),
        (3, 0, 0, 16),
        (3, 1, 0, 19),
        (3, 1, 1, 50),
    ]
    starts = [day * NS_PER_DAY + half * HALF for day, half, _, _ in rows]
    opens = np.array([opened for *_, opened in rows])
    values = np.array([starts, opens, opens + 2, opens - 1, opens + 1, opens])
    instruments = tuple(Instrument(venue="v", symbol=s, price_scale=0) for s in "AB")
    codes = np.array([code for _, _, code, _ in rows], np.int32)
    return Dataset("f", HALF, instruments, codes, values)


def _snapshot(at_ns: int, equity: int) -> AccountSnapshot:
    return AccountSnapshot(event_at_ns=at_ns, equity=Decimal(equity))


def _curve(equity: list[int]) -> Days:
    zero = np.zeros(len(equity))
    return Days(100.0, np.arange(len(equity)), np.array(equity, np.float64), zero, zero, zero)


def test_a_day_without_a_close_has_the_one_before() -> None:
    """A bar belongs to the day that it ends in, midnight included."""
    market = market_of(_dataset())
    assert market.days.tolist() == [1, 2, 3]
    assert market.first_opens.tolist() == [10, 50]
    assert market.closes[:, 0].tolist() == [13, 15, 20]
    assert np.isnan(market.closes[:2, 1]).all()
    assert market.closes[2, 1] == 51


def test_buying_and_holding_keeps_cash_until_a_symbol_begins() -> None:
    """Half of the capital waits for B, which opens on the third day."""
    snapshots = [_snapshot(at * NS_PER_DAY, 100) for at in (1, 2, 3, 4)]
    days = days_of(_dataset(), snapshots, [])
    assert days.days.tolist() == [1, 2, 3]
    assert days.buy_and_hold == pytest.approx([50 * 1.3 + 50, 50 * 1.5 + 50, 100 + 51])


def test_a_fill_at_midnight_belongs_to_the_day_that_begins() -> None:
    """It is the open of that day's first bar, so the day before holds nothing of it."""
    snapshots = [_snapshot(at * NS_PER_DAY, 100) for at in (1, 2, 3, 4)]
    held = [
        Position(venue="v", symbol="A", quantity=Decimal(2), event_at_ns=2 * NS_PER_DAY),
        Position(venue="v", symbol="A", quantity=Decimal(-1), event_at_ns=3 * NS_PER_DAY),
    ]
    days = days_of(_dataset(), snapshots, held)
    assert days.net == pytest.approx([0.0, 0.30, -0.20])
    assert days.gross == pytest.approx([0.0, 0.30, 0.20])


def test_the_end_of_the_feed_makes_no_day_of_its_own() -> None:
    """The last snapshot comes a nanosecond after the last midnight and is of that midnight."""
    dataset = _dataset()
    snapshots = [_snapshot(NS_PER_DAY, 100), _snapshot(dataset.last_ns + 1, 90)]
    days = days_of(dataset, snapshots, [])
    assert days.days.tolist() == [1, 2, 3]
    assert days.equity.tolist() == [100, 100, 90]


def test_exposure_and_the_portfolios_own_value_agree(demo: Run) -> None:
    """Positions at the closes here are what the service's snapshot says they are worth."""
    rows = {
        row["event_at_ns"]: float(row["positions_value"] / row["equity"])
        for row in demo.equity.to_pylist()
    }
    ends = demo.days.ends_ns.tolist()
    known = [place for place, end in enumerate(ends[:-1]) if end in rows]
    assert len(known) > 3_000
    expected = [rows[ends[place]] for place in known]
    assert demo.days.net[known] == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.integers(1, 300), min_size=1, max_size=30))
def test_time_under_water_is_the_longest_stretch_below_a_peak(equity: list[int]) -> None:
    """Compared with the definition: from each day, how long until the curve is back at it."""
    whole = [100, *equity]
    longest = 0
    for start, peak in enumerate(whole):
        if peak < max(whole[: start + 1]):
            continue
        back = [at for at in range(start + 1, len(whole)) if whole[at] >= peak]
        end = back[0] if back else len(whole) - 1
        if end > start + 1 or whole[end] < peak:
            longest = max(longest, end - start)
    assert _curve(equity).days_under_water == longest


def test_drawdown_is_measured_from_the_highest_day() -> None:
    """The capital is the first peak."""
    assert _curve([90, 120, 60]).drawdown.tolist() == pytest.approx([0.1, 0.0, 0.5])
