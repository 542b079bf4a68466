"""The figures of execution quality, by hand and by property."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from hypothesis import given, strategies as st

from tidegate_execution.core.quality.ended import Ended, fee_in_money
from tidegate_execution.core.quality.executed import Executed
from tidegate_execution.core.quality.measures import (
    effective_spread,
    seconds_to_fill,
    shortfall,
    slippage,
)
from tidegate_execution.core.quality.summary import tally_of
from tidegate_kernel.money import ZERO
from tidegate_kernel.time import NS_PER_SECOND

D = Decimal


def executed(quantity: int, price: str, at_s: int = 0, middle: str | None = None) -> Executed:
    """Return an execution that cost a fee of 1."""
    between = None if middle is None else D(middle)
    return Executed(D(quantity), D(price), D(1), at_s * NS_PER_SECOND, between)


BUY = Ended(
    session="demo",
    venue="paper",
    strategy="trend",
    sign=1,
    is_market=True,
    quantity=D(1_000),
    arrival_price=D(100),
    closing_price=D(103),
    decided_at_ns=0,
    sent=True,
    rejected=False,
    executions=(executed(500, "101", 2, "100.5"), executed(300, "102", 10, "101.5")),
)
"""1,000 wanted at 100: 500 bought at 101, 300 at 102; the rest was given up at 103."""


def test_shortfall_by_hand() -> None:
    """500 × 1 + 300 × 2 was paid, 200 × 3 was missed, and two fees of 1."""
    found = shortfall(BUY)
    assert found is not None
    assert (found.execution, found.opportunity, found.fees) == (D(1_100), D(600), D(2))
    assert found.total == D(1_702)


def test_a_sale_loses_what_a_purchase_wins() -> None:
    """The same prices are as good for a sale as they were bad for a purchase."""
    found = shortfall(msgspec.structs.replace(BUY, sign=-1))
    assert found is not None
    assert found.total == -D(1_100) - D(600) + D(2)


def test_the_other_figures_by_hand() -> None:
    """Time is weighted by quantity; the spread is twice the distance from the middle."""
    assert seconds_to_fill(BUY) == D(500 * 2 + 300 * 10) / 800
    assert effective_spread(BUY) == 2 * (500 * D("0.5") + 300 * D("0.5"))
    assert slippage(BUY) == D(1_100)


def test_what_is_not_known_is_none() -> None:
    """Without prices, executions or quotes there is no figure, and no zero in its place."""
    assert shortfall(msgspec.structs.replace(BUY, arrival_price=None)) is None
    assert shortfall(msgspec.structs.replace(BUY, closing_price=None)) is None
    untouched = msgspec.structs.replace(BUY, executions=())
    assert seconds_to_fill(untouched) is None
    assert effective_spread(untouched) is None
    silent = msgspec.structs.replace(BUY, executions=(executed(1, "101"),))
    assert effective_spread(silent) is None


def test_summary_by_hand() -> None:
    """One order as above, one that the venue rejected, one that never left."""
    rejected = msgspec.structs.replace(BUY, executions=(), rejected=True)
    refused = msgspec.structs.replace(rejected, sent=False)
    quality = tally_of([BUY, rejected, refused]).quality(D(2))
    assert (quality.orders, quality.sent, quality.refused_here, quality.rejected) == (3, 2, 1, 1)
    assert (quality.reject_rate, quality.fill_ratio) == ("0.5", "0.4")
    assert (quality.shortfall, quality.shortfall_opportunity) == ("4702", "3600")
    assert quality.shortfall_bps == "235.1"
    assert quality.slippage_bps == "137.5"
    assert quality.slippage_beyond_model_bps == "135.5"
    assert quality.effective_spread_bps == "99.13259"
    assert quality.seconds_to_fill == "5"


def test_nothing_has_no_ratio() -> None:
    """Without an order every ratio is absent, and every sum is 0."""
    quality = tally_of([]).quality(ZERO)
    assert (quality.orders, quality.shortfall) == (0, "0")
    assert quality.reject_rate is quality.fill_ratio is quality.shortfall_bps is None
    assert quality.effective_spread_bps is quality.slippage_bps is None


def test_a_fee_in_kind_is_worth_the_price() -> None:
    """A fee in the bought coin is valued at the execution; any other counts as money."""
    assert fee_in_money("BTC/USD", D("0.001"), "BTC", D(60_000)) == D(60)
    assert fee_in_money("BTC/USD", D(5), "USD", D(60_000)) == D(5)
    assert fee_in_money("AAPL", D(1), "USD", D(200)) == D(1)


quantities = st.integers(1, 1_000).map(D)
prices = st.integers(1, 100_000).map(lambda cents: D(cents) / 100)
executions = st.builds(
    Executed, quantities, prices, st.integers(0, 10).map(D), st.integers(0, 10**12), prices
)


@st.composite
def orders(draw: st.DrawFn) -> Ended:
    """Return any order that has ended."""
    done = tuple(draw(st.lists(executions, max_size=4)))
    rest = draw(st.integers(0, 1_000).map(D))
    quantity = sum((each.quantity for each in done), rest) or D(1)
    return Ended(
        session="demo",
        venue="paper",
        strategy="trend",
        sign=draw(st.sampled_from((1, -1))),
        is_market=draw(st.booleans()),
        quantity=quantity,
        arrival_price=draw(prices),
        closing_price=draw(prices),
        decided_at_ns=0,
        sent=draw(st.booleans()),
        rejected=draw(st.booleans()),
        executions=done,
    )


@given(orders())
def test_parts_make_the_whole(order: Ended) -> None:
    """The parts add up to what the paper portfolio has gained beyond the real one (Perold)."""
    found = shortfall(order)
    assert found is not None
    assert order.arrival_price is not None
    assert order.closing_price is not None
    on_paper = order.sign * order.quantity * (order.closing_price - order.arrival_price)
    really = order.sign * sum(
        (each.quantity * (order.closing_price - each.price) for each in order.executions), ZERO
    ) - sum((each.fee for each in order.executions), ZERO)
    assert found.total == on_paper - really


@given(st.lists(orders(), max_size=6), st.integers(0, 6))
def test_sums_do_not_depend_on_how_orders_are_grouped(given_orders: list[Ended], cut: int) -> None:
    """Two tallies add up to that of all orders, in any order."""
    whole = msgspec.structs.astuple(tally_of(given_orders))
    added = tally_of(given_orders[cut:]).plus(tally_of(given_orders[:cut]))
    pairs = zip(msgspec.structs.astuple(added), whole, strict=True)
    assert all(abs(a - b) < D("1e-9") for a, b in pairs)


@given(st.lists(orders(), min_size=1, max_size=6))
def test_ratios_are_of_one(given_orders: list[Ended]) -> None:
    """What is filled is part of what was ordered, what is rejected part of what was sent."""
    quality = tally_of(given_orders).quality(ZERO)
    for ratio in (quality.fill_ratio, quality.reject_rate):
        assert ratio is None or 0 <= D(ratio) <= 1
