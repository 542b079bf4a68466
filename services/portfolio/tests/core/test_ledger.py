"""The ledger's rules: double entry, rounding in one place."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from tidegate_portfolio.core.ledger import AMOUNT_PLACES, Heading, Ledger, Line, amount

HEADING = Heading("demo", "t1", "", 1)


def test_entries_carry_the_heading_of_their_transaction() -> None:
    """Every entry names its session, transaction, order and event time."""
    lines = (Line("a", "USD", Decimal(5), "TRADE"), Line("b", "USD", Decimal(-5), "TRADE"))
    entries = Ledger().post(Heading("demo", "t1", "o1", 7), lines)
    assert [(e.account, e.amount) for e in entries] == [("a", Decimal(5)), ("b", Decimal(-5))]
    assert {(e.session, e.transaction_id, e.order_key, e.event_at_ns) for e in entries} == {
        ("demo", "t1", "o1", 7)
    }


def test_a_transaction_that_does_not_balance_is_a_programmers_error() -> None:
    """One-sided bookings crash with the sum that was found."""
    with pytest.raises(
        AssertionError, match=r"expected a sum of 0 per currency, found .*'USD': '1'"
    ):
        Ledger().post(HEADING, (Line("a", "USD", Decimal(1), "TRADE"),))


def test_currencies_do_not_balance_each_other() -> None:
    """A dollar against a euro is not a balanced transaction."""
    lines = (Line("a", "USD", Decimal(1), "TRADE"), Line("b", "EUR", Decimal(-1), "TRADE"))
    with pytest.raises(AssertionError):
        Ledger().post(HEADING, lines)


def test_lines_of_zero_leave_no_entries() -> None:
    """A fee of nothing is not written down."""
    lines = (Line("a", "USD", Decimal(0), "FEE"), Line("b", "USD", Decimal("0E-12"), "FEE"))
    ledger = Ledger()
    assert ledger.post(HEADING, lines) == []
    assert ledger.balances == {}


def test_a_corrupted_balance_is_noticed() -> None:
    """`balanced` compares the balances, not only the transactions."""
    ledger = Ledger({"a": {"USD": Decimal(1)}, "b": {"USD": Decimal("-0.999999999999")}})
    assert not ledger.balanced()


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.decimals(-1000, 1000, places=12))))
def test_any_balanced_transactions_keep_the_ledger_balanced(
    moves: list[tuple[str, Decimal]],
) -> None:
    """However many transactions are posted, all balances sum to zero."""
    ledger = Ledger()
    for account, moved in moves:
        lines = (Line(account, "USD", moved, "TRADE"), Line("rest", "USD", -moved, "TRADE"))
        ledger.post(HEADING, lines)
        assert ledger.balanced()


@given(st.decimals(-(10**15), 10**15, allow_nan=False, allow_infinity=False))
def test_amounts_have_a_bounded_number_of_places(value: Decimal) -> None:
    """Rounding keeps twelve places and moves a value by at most half of the last one."""
    rounded = amount(value)
    assert rounded.as_tuple().exponent == -AMOUNT_PLACES
    assert abs(rounded - value) <= Decimal("0.5E-12")
