"""What each message leaves behind for queries."""

from __future__ import annotations

import json
from decimal import Decimal

from tidegate_contracts.market import FeedStatus
from tidegate_contracts.portfolio import AccountSnapshot, LedgerEntry, Performance, Position
from tidegate_portfolio.adapters.projection import NS_PER_HOUR, project


def test_every_entry_of_a_transaction_has_a_row_of_its_own() -> None:
    """A transaction may touch one account twice, in another currency or for another reason."""
    entries = [
        LedgerEntry(transaction_id="t", account="assets:cash", currency=currency, reason=reason)
        for currency in ("USD", "BNB")
        for reason in ("TRADE", "FEE")
    ]
    assert len({project(entry)[0].key for entry in entries}) == len(entries)


def test_amounts_are_plain_decimal_strings() -> None:
    """Neither exponents nor trailing zeros nor floats reach a reader."""
    row = project(LedgerEntry(amount=Decimal("1E+3")))[0]
    assert row.document["amount"] == "1000"
    assert json.loads(json.dumps(row.document)) == row.document


def test_the_equity_curve_keeps_one_point_for_each_hour() -> None:
    """Snapshots of one hour share a key, so the curve's size is bounded by time."""
    keys = [
        project(AccountSnapshot(event_at_ns=hour * NS_PER_HOUR + extra))[1].key
        for hour, extra in ((1, 0), (1, 59), (2, 0), (10, 0))
    ]
    assert len(set(keys)) == 3
    assert keys == sorted(keys)


def test_newest_states_replace_older_ones() -> None:
    """A position, an account and a performance are kept once."""
    assert project(Position(venue="XNAS", symbol="AAPL"))[0].key == "XNAS|AAPL"
    assert project(AccountSnapshot())[0].key == "account"
    assert [project(Performance(strategy=name))[0].key for name in ("", "trend")] == [
        "account",
        "trend",
    ]


def test_other_messages_leave_nothing() -> None:
    """Only the books' own messages are projected."""
    assert project(FeedStatus()) == []
