"""From a signal to a quantity: the smallest offer, what is missing to it, and what FLAT closes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from tidegate_contracts.execution import OrderState, OrderType, Side
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.identifiers import client_order_id
from tidegate_risk.core.refusals import Code
from tidegate_risk.core.sizing.fixed_fraction import quantity_by_fraction
from tidegate_risk.core.sizing.stop_distance import quantity_by_stop
from tidegate_risk.testing import Desk, code, instrument, ordered, parameters


def test_a_fixed_fraction_of_equity_is_bought() -> None:
    """A tenth of 100,000 USD at 100 USD is 100 shares, at the market."""
    order = ordered(Desk().ask())
    assert (order.side, order.order_type) == (Side.BUY, OrderType.MARKET)
    assert order.quantity == 100
    assert not order.reduce_only


def test_a_wide_stop_makes_the_position_smaller() -> None:
    """One percent of equity over a stop 25 USD away is 40 shares, less than the fraction's 100."""
    assert ordered(Desk().ask(stop_distance=Decimal(25))).quantity == 40


def test_a_near_stop_does_not_make_it_larger_than_the_fraction() -> None:
    """The smallest offer counts."""
    assert ordered(Desk().ask(stop_distance=Decimal("0.01"))).quantity == 100


def test_sizes_are_rounded_down_to_the_lot() -> None:
    """100 shares in lots of 30 are 90."""
    desk = Desk()
    desk.tell(instrument(lot_size=Decimal(30)))
    assert ordered(desk.ask()).quantity == 90


def test_less_than_a_lot_is_refused() -> None:
    """A lot of 101 shares is beyond the size of 100."""
    desk = Desk()
    desk.tell(instrument(lot_size=Decimal(101)))
    assert code(desk.ask()) == Code.SIZE_ZERO


def test_the_order_carries_the_signals_own_id() -> None:
    """A retry of the same signal would carry the same client order id."""
    verdict = Desk().ask()
    assert ordered(verdict).client_order_id == client_order_id(verdict.signal_key, 0)


@pytest.mark.parametrize(
    ("direction", "wished", "expected"),
    [(Direction.LONG, "99.999", "99.99"), (Direction.SHORT, "100.001", "100.01")],
)
def test_a_limit_is_moved_to_the_tick_and_never_for_the_worse(
    direction: Direction, wished: str, expected: str
) -> None:
    """Buys round down, sells round up."""
    desk = Desk(parameters(short_allowed=True))
    order = ordered(desk.ask(direction, entry_style=EntryStyle.LIMIT, limit_price=Decimal(wished)))
    assert order.order_type == OrderType.LIMIT
    assert order.limit_price == Decimal(expected)


def test_only_what_is_missing_to_the_target_is_ordered() -> None:
    """With 40 shares held and 60 wanted more, 60 are ordered."""
    desk = Desk()
    first = desk.ask(stop_distance=Decimal(25))
    desk.fill(first)
    desk.report(first, OrderState.FILLED, 40)
    assert ordered(desk.ask()).quantity == 60


def test_an_open_entry_counts_as_held() -> None:
    """Asking again while the entry rests orders nothing."""
    desk = Desk()
    desk.ask()
    assert code(desk.ask()) == Code.ALREADY_AT_TARGET


def test_another_strategys_holding_is_not_mine() -> None:
    """Each strategy has its own target."""
    desk = Desk()
    desk.hold(strategy="first")
    assert ordered(desk.ask(strategy="second")).quantity > 0


def test_long_while_an_exit_is_open_buys_back() -> None:
    """The open exit will have sold everything, so the whole target is missing."""
    desk = Desk()
    desk.hold()
    desk.report(desk.ask(Direction.FLAT), OrderState.WORKING)
    desk.now_ns += 1
    assert ordered(desk.ask()).quantity == 100


def test_short_after_long_sells_through_zero() -> None:
    """To be short 100 after being long 100, 200 are sold, and the order is no reduction."""
    desk = Desk(parameters(short_allowed=True))
    desk.hold()
    order = ordered(desk.ask(Direction.SHORT))
    assert (order.side, order.reduce_only) == (Side.SELL, False)
    assert order.quantity == 200


def test_flat_closes_only_the_strategys_own_holding() -> None:
    """Two strategies hold the symbol; one leaves with what it bought."""
    desk = Desk()
    desk.hold(strategy="first")
    desk.hold(strategy="second")
    verdict = desk.ask(Direction.FLAT, strategy="first")
    order = ordered(verdict)
    assert (order.side, order.reduce_only) == (Side.SELL, True)
    assert order.quantity == 100
    assert order.order_type == OrderType.MARKET
    assert not verdict.risk_increasing


def test_flat_closes_a_short() -> None:
    """A short is closed by buying."""
    desk = Desk(parameters(short_allowed=True))
    short = desk.ask(Direction.SHORT)
    desk.fill(short)
    order = ordered(desk.ask(Direction.FLAT))
    assert (order.side, order.reduce_only) == (Side.BUY, True)
    assert order.quantity == 100


def test_flat_with_nothing_is_refused() -> None:
    """No position and no entry order: nothing to do."""
    assert code(Desk().ask(Direction.FLAT)) == Code.NOTHING_TO_CLOSE


def test_flat_while_closing_already_is_refused() -> None:
    """A second exit does not sell the position twice."""
    desk = Desk()
    desk.hold()
    desk.ask(Direction.FLAT)
    assert code(desk.ask(Direction.FLAT)) == Code.NOTHING_TO_CLOSE


def test_flat_with_only_an_entry_open_approves_a_quantity_of_zero() -> None:
    """Execution cancels the entry; nothing is sold and nothing reserved."""
    desk = Desk()
    desk.ask()
    order = ordered(desk.ask(Direction.FLAT))
    assert order.reduce_only
    assert order.quantity == 0
    assert desk.machine.state.book.orders.count() == 1


def test_flat_with_a_partly_filled_entry_closes_the_filled_part() -> None:
    """What has filled is sold, what rests is for execution to cancel."""
    desk = Desk()
    entry = desk.ask()
    desk.fill(entry, 30)
    assert ordered(desk.ask(Direction.FLAT)).quantity == 30


def test_flat_never_closes_more_than_the_account_holds() -> None:
    """A strategy long 100 beside one short 60: only 40 may be sold without opening a short."""
    desk = Desk(parameters(short_allowed=True))
    desk.hold(strategy="first")
    short = desk.ask(Direction.SHORT, strategy="second")
    desk.fill(short, 60)
    desk.report(short, OrderState.CANCELLED, 60)
    assert ordered(desk.ask(Direction.FLAT, strategy="first")).quantity == 40


amounts = st.decimals(min_value="0.01", max_value="1000000", places=2)
fractions = st.decimals(min_value="0.001", max_value="1", places=3)


@given(amounts, fractions, amounts)
def test_a_fraction_costs_its_fraction(equity: Decimal, fraction: Decimal, price: Decimal) -> None:
    """Quantity times price is the fraction of equity, to 20 digits."""
    cost = quantity_by_fraction(equity, fraction, price) * price
    assert abs(cost - equity * fraction) <= equity * Decimal("1e-20")


@given(amounts, fractions, amounts)
def test_a_stop_loses_its_fraction(equity: Decimal, fraction: Decimal, stop: Decimal) -> None:
    """Quantity times stop distance is the fraction of equity, to 20 digits."""
    loss = quantity_by_stop(equity, fraction, stop) * stop
    assert abs(loss - equity * fraction) <= equity * Decimal("1e-20")
