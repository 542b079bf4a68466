"""What strategies have won and lost agrees with counting it the long way."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

import pytest
from hypothesis import given, strategies as st

from tidegate_contracts.execution import Fill, Side
from tidegate_risk.core.breakers.record import PLACES, TRADES_KEPT, Record
from tidegate_risk.core.breakers.results import Closed, Results, Trade
from tidegate_risk.testing import VENUE, instrument

LISTING = f"{VENUE}|AAPL"
SHARE = instrument()


class Dealt(NamedTuple):
    """A fill: a signed quantity, its price and its fee."""

    quantity: int
    price: int
    fee: int = 0


def fill(dealt: Dealt, signal_key: str = "key") -> Fill:
    """Return the fill as execution tells it."""
    return Fill(
        strategy="ema",
        signal_key=signal_key,
        venue=VENUE,
        symbol="AAPL",
        side=Side.BUY if dealt.quantity > 0 else Side.SELL,
        quantity=Decimal(abs(dealt.quantity)),
        price=Decimal(dealt.price),
        fee=Decimal(dealt.fee),
    )


def booked(results: Results, *fills: Dealt) -> list[Closed]:
    """Book fills and return the trades that they end."""
    found = [results.book(fill(each), SHARE) for each in fills]
    return [each for each in found if each is not None]


@pytest.mark.parametrize(
    ("fills", "result", "cost"),
    [
        ([(10, 100), (-10, 99)], -10, 1_000),
        ([(10, 100, 3), (-10, 101, 4)], 3, 1_000),
        ([(10, 100), (30, 104), (-40, 103)], 0, 4_120),
        ([(10, 100), (-4, 110), (-6, 90)], -20, 1_000),
        ([(-10, 100), (10, 90)], 100, 1_000),
        ([(10, 100), (-25, 110)], 100, 1_000),
        ([(1, 100), (-1, 101)], 1, 100),
        ([(2, 100), (-1, 101), (-1, 101)], 2, 200),
    ],
)
def test_a_trade_brings_what_its_fills_brought(
    fills: list[tuple[int, ...]], result: int, cost: int
) -> None:
    """At average cost and after fees; a trade that turns ends where it crosses zero."""
    results = Results()
    assert booked(results, *(Dealt(*each) for each in fills)) == [
        Closed("ema", LISTING, "AAPL", Decimal(result))
    ]
    record = results.records["ema"]
    assert record.returns == [round(Decimal(result) / cost, PLACES)]


def test_a_trade_that_turns_goes_on_at_the_price_at_which_it_turned() -> None:
    """Ten of 25 sold end the first trade; fifteen begin the next, at 110."""
    results = Results()
    booked(results, Dealt(10, 100, 1), Dealt(-25, 110, 1))
    trade = results.trades[f"ema|{LISTING}"]
    assert trade == Trade(Decimal(-15), Decimal(110), Decimal(0), Decimal(1_650))
    (closed,) = booked(results, Dealt(15, 100))
    assert closed.result == 150
    assert results.trades == {}


def test_what_the_gate_has_closed_says_nothing_of_the_strategy() -> None:
    """Its order has no signal."""
    results = Results()
    results.book(fill(Dealt(10, 100)), SHARE)
    assert results.book(fill(Dealt(-10, 90), signal_key=""), SHARE) is None
    assert (results.losses_of_strategy, results.records) == ({}, {})


@given(
    st.lists(
        st.builds(
            Dealt,
            st.integers(-5, 5).filter(bool),
            st.integers(90, 110),
            st.integers(0, 2),
        ),
        max_size=40,
    )
)
def test_results_add_up_to_cash(fills: list[Dealt]) -> None:
    """Whatever is bought and sold: what was realised and what is held at cost is the cash spent."""
    results, held, losses = Results(), 0, 0
    realised = Decimal(0)
    for each in fills:
        closed = results.book(fill(each), SHARE)
        before, held = held, held + each.quantity
        crossed = before * held < 0 or (before != 0 and held == 0)
        assert (closed is not None) is crossed
        if closed is not None:
            realised += closed.result
            losses = losses + 1 if closed.result < 0 else 0
            assert results.losses_of_strategy.get("ema", 0) == losses
            assert results.losses_in_listing.get(LISTING, 0) == losses
    cash = -sum(each.quantity * each.price + each.fee for each in fills)
    trade = results.trades.get(f"ema|{LISTING}")
    open_worth = trade.quantity * trade.average - trade.result if trade else Decimal(0)
    assert (trade.quantity if trade else 0) == held
    assert abs(cash - (realised - open_worth)) < Decimal("0.000001")


@given(st.lists(st.integers(-3, 3), max_size=2 * TRADES_KEPT + 5))
def test_a_record_is_that_of_its_last_trades(results: list[int]) -> None:
    """A trade that neither won nor lost counts among all, and on neither side."""
    record = Record()
    for each in results:
        record.add(Decimal(each), Decimal(10))
    kept = [Decimal(each) / 10 for each in results[-TRADES_KEPT:]]
    won, lost = [e for e in kept if e > 0], [-e for e in kept if e < 0]
    assert (record.returns, record.count) == (kept, len(kept))
    assert (record.wins, record.won) == (len(won), sum(won))
    assert (record.losses, record.lost) == (len(lost), sum(lost))


def test_the_hundred_and_first_trade_pushes_the_first_out() -> None:
    """Of a loss and a hundred wins the wins are left; then they go one by one."""
    record = Record()
    record.add(Decimal(-5), Decimal(10))
    for _ in range(TRADES_KEPT):
        record.add(Decimal(2), Decimal(10))
    assert (record.wins, record.losses) == (TRADES_KEPT, 0)
    assert (record.lost, record.won) == (Decimal(0), Decimal(20))
    record.add(Decimal(0), Decimal(10))
    record.add(Decimal("0.5"), Decimal(10))
    assert (record.wins, record.losses, record.won) == (TRADES_KEPT - 1, 0, Decimal("19.65"))


@given(st.lists(st.sampled_from([-1, 0, 1]), max_size=20))
def test_losses_in_a_row_are_those_at_the_end(signs: list[int]) -> None:
    """Of the strategy and of the listing alike; a trade that cost nothing ends a row."""
    results = Results()
    for sign in signs:
        booked(results, Dealt(1, 100), Dealt(-1, 100 + sign))
    runs = [(negative, len(list(run))) for negative, run in groupby(each < 0 for each in signs)]
    expected = runs[-1][1] if runs and runs[-1][0] else 0
    assert results.losses_of_strategy.get("ema", 0) == expected
