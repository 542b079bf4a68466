"""Every step of sizing by itself: its figure, its boundaries, and never more than the whole."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from tidegate_risk.core.breakers.record import TRADES_KEPT, Record
from tidegate_risk.core.sizing import confidence, drawdown, kelly
from tidegate_risk.core.sizing.average_range import average_range
from tidegate_risk.core.sizing.exits import away
from tidegate_risk.core.sizing.taper import tapered
from tidegate_risk.core.sizing.volatility_target import quantity_by_volatility, yearly

fractions = st.decimals(min_value=0, max_value=1, places=4)
amounts = st.decimals(min_value="0.01", max_value="1000000", places=2)
results = st.lists(
    st.tuples(st.decimals(min_value=-1_000, max_value=1_000, places=2), amounts), max_size=250
)


def test_the_average_range_is_wilders() -> None:
    """The mean of the first three, then a third of each: (2, 4, 6) are 4, with 10 they are 6."""
    assert average_range([2, 4, 6], 3, 2) == Decimal("0.04")
    assert average_range([2, 4, 6, 10], 3, 2) == Decimal("0.06")


def test_one_range_too_few_is_none() -> None:
    """A boundary: n ranges are needed."""
    assert average_range([5, 5], 3, 0) is None
    assert average_range([5, 5, 5], 3, 0) == 5


@given(st.lists(st.integers(0, 10**12), min_size=14, max_size=120), st.integers(0, 8))
def test_the_average_lies_between_the_ranges(ranges: list[int], scale: int) -> None:
    """Whatever they are, to the places that it has."""
    found = average_range(ranges, 14, scale)
    assert found is not None
    margin = Decimal(1).scaleb(-scale - 3)
    least, most = (Decimal(each).scaleb(-scale) for each in (min(ranges), max(ranges)))
    assert least - margin <= found <= most + margin


def test_a_year_of_days_has_the_root_of_its_days() -> None:
    """1 % a day over 256 days is 16 %; half of equity at a target of 8 %."""
    assert yearly(0.01, 256) == Decimal("0.16")
    one = Decimal("0.16") * 100
    assert quantity_by_volatility(Decimal(1_000), Decimal("0.08"), one) == 5


@pytest.mark.parametrize(
    ("win_rate", "win", "loss_rate", "loss", "share"),
    [
        ("0.6", "1", "0.4", "1", "0.2"),
        ("0.5", "2", "0.5", "1", "0.25"),
        ("0.5", "1", "0.5", "1", "0"),
        ("0.4", "1", "0.6", "1", "0"),
        ("0", "0", "1", "1", "0"),
    ],
)
def test_kellys_share(win_rate: str, win: str, loss_rate: str, loss: str, share: str) -> None:
    """The textbook's bets; without an edge, nothing."""
    told = (Decimal(each) for each in (win_rate, win, loss_rate, loss))
    assert kelly.share_of(*told) == Decimal(share)


@given(results)
def test_a_record_counts_its_last_trades(trades: list[tuple[Decimal, Decimal]]) -> None:
    """As if they had been counted anew each time."""
    record, anew = Record(), Record()
    for result, cost in trades:
        record.add(result, cost)
    for result, cost in trades[-TRADES_KEPT:]:
        anew.add(result, cost)
    assert record == anew
    assert record.count == min(len(trades), TRADES_KEPT)
    if record.count:
        assert 0 <= record.win_rate + record.loss_rate <= 1
        assert record.win_mean >= 0
        assert record.loss_mean >= 0


@given(fractions, fractions)
def test_less_confidence_is_never_more_size(one: Decimal, other: Decimal) -> None:
    """A share between the least and the whole, growing with confidence."""
    least = Decimal("0.25")
    small, large = (confidence.share_of(each, least) for each in sorted((one, other)))
    assert least <= small <= large <= 1


@given(amounts, amounts, amounts, amounts, fractions)
def test_a_taper_never_grows(
    one: Decimal, other: Decimal, start: Decimal, length: Decimal, least: Decimal
) -> None:
    """The whole up to its start, the least from its end on, and nothing outside of the two."""
    near, far = (tapered(each, start, start + length, least) for each in sorted((one, other)))
    assert least - Decimal("0.0001") <= far <= near <= 1
    assert tapered(start, start, start + length, least) == 1
    assert tapered(start + length, start, start + length, least) == least


def test_a_taper_binds_one_unit_beyond_its_start() -> None:
    """At 80 of 100 nothing, a hundredth beyond it a little."""
    told = (Decimal(80), Decimal(100), Decimal("0.25"))
    assert tapered(Decimal(80), *told) == 1
    assert tapered(Decimal("80.01"), *told) < 1
    assert tapered(Decimal(90), *told) == Decimal("0.625")


@pytest.mark.parametrize(("found", "share"), [("14.9999", "1"), ("15", "0.5"), ("40", "0.5")])
def test_the_middle_rung_of_the_ladder(found: str, share: str) -> None:
    """Whole above 15 %, half from there on; the last rung is a breaker's."""
    assert drawdown.share_of(Decimal(found), Decimal(15), Decimal("0.5")) == Decimal(share)


@given(amounts, amounts, st.sampled_from([1, -1]))
def test_an_exit_is_on_the_tick_and_never_nearer(
    price: Decimal, distance: Decimal, sign: int
) -> None:
    """Less than a tick further than its distance; below zero there is none."""
    tick = Decimal("0.05")
    found = away(price, sign, distance, tick)
    if found is None:
        assert sign * distance + price < tick
        return
    assert found % tick == 0
    assert distance <= sign * (found - price) < distance + tick
