"""Average cost against exact fractions, and the identity that keeps the ledger balanced."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, strategies as st

from tidegate_kernel.money import ZERO
from tidegate_portfolio.core.positions import Holding, book, market_value

TRADES = st.lists(
    st.tuples(
        st.decimals(-500, 500, places=8).filter(bool),
        st.decimals("0.00000001", 70_000, places=8),
    ),
    min_size=1,
    max_size=40,
)


def holding() -> Holding:
    """Return an empty holding."""
    return Holding("XNAS", "AAPL", "USD")


def test_a_buy_costs_its_notional() -> None:
    """Opening moves cash into cost and realises nothing."""
    held = holding()
    moved = book(held, Decimal(3), Decimal("10.5"), ZERO)
    assert (moved.cash_change, moved.cost_change, moved.realized) == (
        Decimal("-31.5"),
        Decimal("31.5"),
        ZERO,
    )
    assert moved.trip_pnl is None
    assert held.average_cost == Decimal("10.5")


def test_selling_a_third_removes_a_third_of_the_cost() -> None:
    """A partial close realises against average cost and keeps the rest at it."""
    held = holding()
    book(held, Decimal(1), Decimal(10), ZERO)
    book(held, Decimal(2), Decimal(11), ZERO)
    moved = book(held, Decimal(-1), Decimal(12), ZERO)
    assert moved.realized == Decimal("1.333333333333")
    assert (held.quantity, held.cost) == (Decimal(2), Decimal("21.333333333333"))


def test_closing_leaves_no_cost_behind() -> None:
    """When nothing is held, the cost is exactly zero, whatever was rounded before."""
    held = holding()
    for quantity in ("0.1", "0.3", "-0.2"):
        book(held, Decimal(quantity), Decimal("33.33333333"), ZERO)
    moved = book(held, Decimal("-0.2"), Decimal("33.33333333"), ZERO)
    assert (held.quantity, held.cost, held.average_cost) == (ZERO, ZERO, ZERO)
    assert moved.trip_pnl == ZERO


def test_a_fill_through_zero_ends_one_trip_and_opens_the_next() -> None:
    """Selling 3 of 2 closes the long and leaves a short of 1 at the fill's price."""
    held = holding()
    book(held, Decimal(2), Decimal(10), Decimal(1))
    moved = book(held, Decimal(-3), Decimal(12), Decimal(1))
    assert moved.trip_pnl == Decimal(2 * 2 - 2)
    assert (held.quantity, held.average_cost, held.cost) == (Decimal(-1), Decimal(12), Decimal(-12))
    assert held.trip_pnl == ZERO


def test_a_short_gains_when_the_price_falls() -> None:
    """A short sold at 10 and marked at 8 is worth 2 a unit more than its (negative) cost."""
    held = holding()
    book(held, Decimal(-5), Decimal(10), ZERO)
    assert market_value(held, Decimal(8)) - held.cost == Decimal(10)


@given(TRADES)
def test_cash_and_cost_and_profit_balance_exactly(trades: list[tuple[Decimal, Decimal]]) -> None:
    """Not one digit is lost between cash, cost and realised profit."""
    held = holding()
    cash = ZERO
    for quantity, price in trades:
        moved = book(held, quantity, price, ZERO)
        cash += moved.cash_change
        assert moved.cash_change + moved.cost_change == moved.realized
        assert cash + held.cost == held.realized_pnl


@given(TRADES)
def test_average_cost_agrees_with_exact_fractions(trades: list[tuple[Decimal, Decimal]]) -> None:
    """A naive book of fractions knows the same position, cost and profit to a billionth."""
    held = holding()
    quantity = cost = realized = Fraction(0)
    for traded, price in trades:
        book(held, traded, price, ZERO)
        unit, exact = Fraction(price), Fraction(traded)
        closing = Fraction(0)
        if quantity * exact < 0:
            closing = exact if abs(exact) <= abs(quantity) else -quantity
            realized -= closing * (unit - cost / quantity)
            cost += closing * (cost / quantity)
        quantity += exact
        cost += (exact - closing) * unit
        assert Fraction(held.quantity) == quantity
        assert abs(Fraction(held.cost) - cost) < Fraction(1, 10**9)
        assert abs(Fraction(held.realized_pnl) - realized) < Fraction(1, 10**9)
