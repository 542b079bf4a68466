"""Account entries in the books: each kind, once, from both sides."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tidegate_contracts.execution import AccountEntryKind as Kind
from tidegate_contracts.portfolio import AccountSnapshot, LedgerEntry, Position
from tidegate_portfolio.core.entries import ACCOUNTS
from tidegate_portfolio.core.machine import PortfolioMachine
from tidegate_portfolio.core.performance import ACCOUNT_BOOK
from tidegate_portfolio.testing import (
    DAY,
    PARAMETERS,
    START,
    bar,
    entry,
    fill,
    new_machine,
    published,
    settle,
)

NOW = START + DAY
Lines = set[tuple[str, str, Decimal]]


def holding_ten(average: str = "100") -> PortfolioMachine:
    """Return the books of `trend`, which holds 10 AAPL; they close at 100."""
    machine = new_machine()
    machine.handle(bar(1, 100_00), NOW)
    settle(machine, machine.handle(fill("x1", "10", average), NOW), NOW)
    return machine


def lines(*found: LedgerEntry) -> Lines:
    """Return what was written to the ledger."""
    return {(each.account, each.currency, each.amount) for each in found}


def account_of(machine: PortfolioMachine) -> AccountSnapshot:
    """Return the account as the next bar finds it."""
    effects = machine.handle(bar(2, 100_00), NOW + DAY)
    effects = [*effects, *machine.handle(bar(3, 100_00), NOW + 2 * DAY)]
    return published(effects, AccountSnapshot)[-1]


def test_every_kind_has_its_account() -> None:
    """A kind that the contract gains must be told where it is booked."""
    assert set(ACCOUNTS) == {each for each in Kind if each}


def test_a_dividend_is_income_of_account_strategy_and_position() -> None:
    """Cash against income, realised, and part of the round trip in which it was received."""
    machine = holding_ten()
    said = entry(Kind.DIVIDEND, strategy="trend", cash=Decimal("2.50"))
    effects = machine.handle(said, NOW)
    assert lines(*published(effects, LedgerEntry)) == {
        ("assets:cash", "USD", Decimal("2.50")),
        ("income:dividends", "USD", Decimal("-2.50")),
    }
    assert {each.reason for each in published(effects, LedgerEntry)} == {"DIVIDEND"}
    assert published(effects, Position)[0].realized_pnl == Decimal("2.50")
    machine.handle(fill("x2", "-10", "100"), NOW)
    assert machine.state.books["trend"].gross_profit == Decimal("2.50")
    assert account_of(machine).realized_pnl == Decimal("2.50")


def test_an_entry_is_booked_once_across_a_restart() -> None:
    """The id makes a repeated entry the same entry."""
    machine = holding_ten()
    said = entry(Kind.FUNDING, cash=Decimal(-3))
    machine.handle(said, NOW)
    again = PortfolioMachine.restore(PARAMETERS, machine.snapshot())
    assert again.handle(said, NOW) == ()
    assert again.snapshot() == machine.snapshot()


def test_a_split_keeps_the_cost_and_brings_the_mark_over() -> None:
    """Twice the units at half the cost and half the mark: equity does not move."""
    machine = holding_ten("90")
    effects = machine.handle(
        entry(Kind.SPLIT, strategy="trend", quantity=Decimal(10), event_at_ns=NOW), NOW
    )
    (position,) = published(effects, Position)
    assert [*map(str, (position.quantity, position.average_cost, position.mark_price))] == [
        *("20", "45.000000000000", "50.00")
    ]
    assert position.unrealized_pnl == Decimal(100)
    (account,) = published(settle(machine, effects, NOW), AccountSnapshot)
    assert account.equity == PARAMETERS.capital + 100


def test_a_mark_of_after_the_split_stays() -> None:
    """A bar that ended after it has the new price already."""
    machine = holding_ten()
    effects = machine.handle(entry(Kind.SPLIT, quantity=Decimal(10)), NOW)
    assert published(effects, Position)[0].mark_price == 100


def test_an_option_that_expires_is_lost_with_its_cost() -> None:
    """Units go at zero: what they had cost is realised, and the round trip is over."""
    machine = holding_ten()
    effects = machine.handle(
        entry(Kind.OPTION_EXPIRY, strategy="trend", quantity=Decimal(-10)), NOW
    )
    assert lines(*published(effects, LedgerEntry)) == {
        ("assets:position:AAPL", "USD", Decimal(-1000)),
        ("income:realized", "USD", Decimal(1000)),
        ("assets:position:AAPL", "AAPL", Decimal(-10)),
        ("trading:units:AAPL", "AAPL", Decimal(10)),
    }
    book = machine.state.books["trend"]
    assert (book.trades_closed, book.trades_won, book.gross_loss) == (1, 0, Decimal(1000))


def test_an_assignment_buys_at_the_strike() -> None:
    """What was delivered costs the strike, and cash pays exactly that."""
    machine = holding_ten()
    said = entry(
        Kind.OPTION_ASSIGNMENT, quantity=Decimal(100), price=Decimal(90), cash=Decimal(-9_000)
    )
    assert lines(*published(machine.handle(said, NOW), LedgerEntry)) == {
        ("assets:cash", "USD", Decimal(-9_000)),
        ("assets:position:AAPL", "USD", Decimal(9_000)),
        ("assets:position:AAPL", "AAPL", Decimal(100)),
        ("trading:units:AAPL", "AAPL", Decimal(-100)),
    }


def test_a_transfer_is_neither_profit_nor_loss() -> None:
    """Capital comes and goes: the day's first equity and the peak move with it."""
    machine = holding_ten()
    machine.handle(entry(Kind.TRANSFER, symbol="", cash=Decimal(-40_000)), NOW)
    account = account_of(machine)
    assert account.realized_pnl == account.fees == account.drawdown == 0
    assert account.transfers == -40_000
    assert account.equity == account.day_start_equity == account.peak_equity == 60_000


@pytest.mark.parametrize(
    ("kind", "cash", "fees", "realized"),
    [
        (Kind.FEE, Decimal(-4), Decimal(4), Decimal(0)),
        (Kind.BORROW_FEE, Decimal(-4), Decimal(0), Decimal(-4)),
        (Kind.INTEREST, Decimal(4), Decimal(0), Decimal(4)),
        (Kind.ADJUSTMENT, Decimal(-4), Decimal(0), Decimal(-4)),
    ],
)
def test_cash_alone_counts_under_its_kind(
    kind: Kind, cash: Decimal, fees: Decimal, realized: Decimal
) -> None:
    """A fee is a fee; the rest is realised profit or loss."""
    machine = holding_ten()
    machine.handle(entry(kind, symbol="", cash=cash), NOW)
    account = account_of(machine)
    assert (account.fees, account.realized_pnl) == (fees, realized)
    assert machine.state.ledger.balance(ACCOUNTS[kind], "USD") == -cash


def test_what_is_nobodys_is_in_the_account_alone() -> None:
    """An entry without a strategy makes no book of its own."""
    machine = holding_ten()
    machine.handle(entry(Kind.ADJUSTMENT, quantity=Decimal(5), price=Decimal(100)), NOW)
    assert sorted(machine.state.books) == [ACCOUNT_BOOK, "trend"]
    assert machine.state.books["trend"].holdings["XNAS|AAPL"].quantity == 10
    assert machine.state.books[ACCOUNT_BOOK].holdings["XNAS|AAPL"].quantity == 15


def test_cash_that_the_account_cannot_count_is_booked_all_the_same() -> None:
    """It is left out of profit and equity, and the snapshot says so."""
    machine = holding_ten()
    machine.handle(entry(Kind.INTEREST, symbol="", currency="BTC", cash=Decimal(1)), NOW)
    account = account_of(machine)
    assert account.realized_pnl == 0
    assert account.marks_stale
    assert machine.state.ledger.balanced()
