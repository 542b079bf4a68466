"""The portfolio machine, fact by fact."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from tidegate_contracts.market import FeedState, FeedStatus
from tidegate_contracts.portfolio import AccountSnapshot, LedgerEntry, Performance, Position
from tidegate_kernel.machine import CauseMissing, SetTimer, TimerFired
from tidegate_portfolio.core.machine import PortfolioMachine
from tidegate_portfolio.testing import (
    DAY,
    PARAMETERS,
    START,
    bar,
    fill,
    instrument,
    new_machine,
    published,
    settle,
)

DUPLICATE = fill("x1", "10", "100")


def test_the_first_bar_opens_the_account_with_its_capital() -> None:
    """Capital is booked at the start of the first bar, and the account is published at once."""
    effects = new_machine().handle(bar(1, 100_00), START + DAY)
    entries = published(effects, LedgerEntry)
    assert [(e.account, e.amount, e.reason, e.event_at_ns) for e in entries] == [
        ("assets:cash", Decimal(100_000), "CAPITAL", START),
        ("equity:capital", Decimal(-100_000), "CAPITAL", START),
    ]
    account = published(effects, AccountSnapshot)[0]
    assert (account.equity, account.drawdown, account.marks_stale) == (
        Decimal(100_000),
        Decimal(0),
        False,
    )


def test_a_declared_opening_time_wins_over_the_first_bar() -> None:
    """`opened_at_ns` dates the capital, whatever bar comes first."""
    parameters = msgspec.structs.replace(PARAMETERS, opened_at_ns=START - 5)
    effects = new_machine(parameters).handle(bar(1, 100_00), START + DAY)
    assert {e.event_at_ns for e in published(effects, LedgerEntry)} == {START - 5}


def test_a_bar_that_changes_nothing_publishes_nothing() -> None:
    """Further bars of an instant only move marks."""
    machine = new_machine()
    machine.handle(bar(1, 100_00), START + DAY)
    assert machine.handle(bar(1, 50_00, "MSFT"), START + DAY) == ()


def test_a_fill_is_written_to_the_ledger_from_both_sides() -> None:
    """A buy with a fee moves cash, cost, units and fees, each against its other side."""
    machine = new_machine()
    machine.handle(bar(1, 100_00), START + DAY)
    effects = machine.handle(fill("x1", "10", "100.5", fee=Decimal("1.25")), START + DAY)
    written = {(e.account, e.currency, e.amount, e.reason) for e in published(effects, LedgerEntry)}
    assert written == {
        ("assets:cash", "USD", Decimal(-1005), "TRADE"),
        ("assets:position:AAPL", "USD", Decimal(1005), "TRADE"),
        ("assets:position:AAPL", "AAPL", Decimal(10), "TRADE"),
        ("trading:units:AAPL", "AAPL", Decimal(-10), "TRADE"),
        ("expenses:fees", "USD", Decimal("1.25"), "FEE"),
        ("assets:cash", "USD", Decimal("-1.25"), "FEE"),
    }
    assert {e.order_key for e in published(effects, LedgerEntry)} == {
        f"demo|trend|AAPL|{START}|0|0"
    }


def test_a_sale_realises_its_profit() -> None:
    """Profit is credited to income when a position is closed."""
    machine = new_machine()
    machine.handle(bar(1, 100_00), START + DAY)
    machine.handle(fill("x1", "10", "100"), START + DAY)
    effects = machine.handle(fill("x2", "-10", "103"), START + DAY)
    income = [e for e in published(effects, LedgerEntry) if e.account == "income:realized"]
    assert [(e.amount, e.reason) for e in income] == [(Decimal(-30), "REALIZED_PNL")]
    assert published(effects, Position)[0].quantity == 0


def test_a_fill_is_booked_once() -> None:
    """A second copy with the same execution id does nothing at all."""
    machine = new_machine()
    machine.handle(bar(1, 100_00), START + DAY)
    machine.handle(DUPLICATE, START + DAY)
    before = machine.snapshot()
    assert machine.handle(DUPLICATE, START + DAY) == ()
    assert machine.snapshot() == before


def test_an_execution_id_counts_within_its_venue_and_symbol() -> None:
    """Venues number executions per symbol, so equal ids of two symbols are two fills."""
    machine = new_machine()
    machine.handle(DUPLICATE, START)
    effects = machine.handle(fill("x1", "1", "5", symbol="MSFT"), START)
    assert published(effects, Position)[0].symbol == "MSFT"


def test_fills_of_one_round_share_one_snapshot() -> None:
    """Two fills set one timer; its snapshot holds both, at the marks of the instant."""
    machine = new_machine()
    machine.handle(bar(1, 101_00), START + DAY)
    first = machine.handle(fill("x1", "10", "100"), START + DAY)
    second = machine.handle(fill("x2", "10", "100"), START + DAY)
    timers = [e for e in (*first, *second) if isinstance(e, SetTimer)]
    assert [(t.at_ns, t.makes_instant) for t in timers] == [(START + DAY, False)]
    account = published(settle(machine, first, START + DAY), AccountSnapshot)[0]
    assert account.fills_booked == 2
    assert account.equity == Decimal(100_000 + 20)
    assert account.unrealized_pnl == Decimal(20)
    assert account.event_at_ns == START + DAY


def test_in_lockstep_the_next_instant_closes_the_one_before() -> None:
    """The snapshot of an instant holds all its bars and fills, and none of the next bar."""
    machine = new_machine()
    machine.handle(bar(1, 100_00), START + DAY)
    settle(machine, machine.handle(DUPLICATE, START + DAY), START + DAY)
    machine.handle(bar(2, 110_00), START + 2 * DAY)
    effects = machine.handle(bar(3, 90_00), START + 3 * DAY)
    account = published(effects, AccountSnapshot)[0]
    assert (account.event_at_ns, account.equity) == (START + 2 * DAY, Decimal(100_100))
    assert not [e for e in effects if isinstance(e, SetTimer)]


def test_the_interval_passes_before_the_next_snapshot() -> None:
    """Hourly bars with a daily interval give one snapshot a day, of midnight."""
    machine = new_machine()
    seen: list[int] = []
    for hour in range(1, 73):
        end_ns = START + hour * DAY // 24
        body = msgspec.structs.replace(
            bar(0, 100_00, length_ns=DAY // 24), start_ns=end_ns - DAY // 24, end_ns=end_ns
        )
        seen += [a.event_at_ns for a in published(machine.handle(body, end_ns), AccountSnapshot)]
    assert seen == [START, START + DAY, START + 2 * DAY]


def test_a_day_starts_with_the_equity_before_its_first_bar() -> None:
    """The bar that ends at midnight is the first that is known in the new day."""
    machine = new_machine()
    machine.handle(bar(1, 100_00), START + DAY)
    settle(machine, machine.handle(DUPLICATE, START + DAY), START + DAY)
    machine.handle(bar(2, 110_00), START + 2 * DAY)
    machine.handle(bar(3, 90_00), START + 3 * DAY)
    account = published(machine.handle(bar(4, 90_00), START + 4 * DAY), AccountSnapshot)[0]
    assert account.day_start_equity == Decimal(100_100)
    assert account.equity == Decimal(99_900)
    assert account.peak_equity == Decimal(100_100)
    assert account.drawdown == Decimal("0.001998001998")


def test_on_the_walls_clock_a_timer_takes_the_snapshot() -> None:
    """Nobody knows when the next bar comes, so the due bar sets a timer."""
    parameters = msgspec.structs.replace(
        PARAMETERS, lockstep=False, settle_ns=250, snapshot_interval_ns=DAY
    )
    machine = new_machine(parameters)
    effects = machine.handle(bar(1, 100_00), START + DAY + 7)
    assert effects[-1] == SetTimer("account", START + DAY + 257, makes_instant=False)
    fired = machine.handle(TimerFired("account", START + DAY + 257), START + DAY + 300)
    assert published(fired, AccountSnapshot)[0].event_at_ns == START + DAY + 300
    assert not machine.handle(bar(1, 50_00, "MSFT"), START + DAY + 400)
    assert machine.handle(bar(2, 100_00), START + 2 * DAY + 7)


def test_an_old_mark_makes_the_valuation_stale() -> None:
    """Eight days without a bar of a held symbol are said in the snapshot."""
    machine = new_machine()
    machine.handle(bar(1, 100_00), START + DAY)
    settle(machine, machine.handle(DUPLICATE, START + DAY), START + DAY)
    machine.handle(bar(8, 50_00, "MSFT"), START + 8 * DAY)
    fresh = published(machine.handle(bar(9, 50_00, "MSFT"), START + 9 * DAY), AccountSnapshot)[0]
    old = published(machine.handle(bar(10, 50_00, "MSFT"), START + 10 * DAY), AccountSnapshot)[0]
    assert (fresh.marks_stale, old.marks_stale) == (False, True)


def test_without_a_bar_the_last_fill_is_the_mark_and_the_snapshot_says_so() -> None:
    """A missing mark is neither zero nor silent."""
    machine = new_machine()
    machine.handle(instrument("MSFT"), START)
    effects = machine.handle(fill("x1", "10", "20", symbol="MSFT"), START)
    account = published(settle(machine, effects, START), AccountSnapshot)[0]
    assert (account.positions_value, account.marks_stale) == (Decimal(200), True)


def test_a_currency_at_par_counts_and_another_is_marked() -> None:
    """USDT counts as USD in a USD account; EUR cannot be valued and is said to be missing."""
    for currency, equity, stale in (("USDT", 100_010, False), ("EUR", 100_000, True)):
        machine = PortfolioMachine.restore(PARAMETERS, None)
        machine.handle(instrument(currency=currency), START)
        machine.handle(bar(1, 101_00), START + DAY)
        bought = fill("x1", "10", "100", fee_currency=currency)
        effects = machine.handle(bought, START + DAY)
        account = published(settle(machine, effects, START + DAY), AccountSnapshot)[0]
        assert (account.equity, account.marks_stale) == (Decimal(equity), stale)
        assert machine.state.ledger.balanced()


def test_a_fee_in_kind_leaves_the_position_and_counts_at_the_fills_price() -> None:
    """2 bought at 100 for a fee of 0.002: 1.998 are held, 0.2 was paid, and no money but 200."""
    machine = new_machine()
    listed = msgspec.structs.replace(
        instrument("BTC/USDT"), quote_currency="USDT", lot_size=Decimal("0.01")
    )
    machine.handle(listed, START)
    fields = {"symbol": "BTC/USDT", "fee": Decimal("0.002"), "fee_currency": "BTC"}
    effects = machine.handle(fill("x1", "2", "100", **fields), START + DAY)
    (position,) = published(effects, Position)
    assert (position.quantity, position.fees) == (Decimal("1.998"), Decimal("0.2"))
    ledger = machine.state.ledger
    assert ledger.balance("assets:cash", "USDT") == -200
    assert ledger.balance("expenses:fees", "USDT") == Decimal("0.2")
    assert ledger.balance("assets:position:BTC/USDT", "BTC/USDT") == Decimal("1.998")
    assert ledger.balanced()


def test_dust_that_no_order_can_sell_ends_the_round_trip() -> None:
    """1.99 of 1.998 are sold: the trip is closed, and what is left is still held."""
    machine = new_machine()
    machine.handle(msgspec.structs.replace(instrument("BTC/USDT"), lot_size=Decimal("0.01")), START)
    in_kind = {"fee": Decimal("0.002"), "fee_currency": "BTC"}
    machine.handle(fill("x1", "2", "100", symbol="BTC/USDT", **in_kind), START + DAY)
    effects = machine.handle(fill("x2", "-1.99", "110", symbol="BTC/USDT"), START + DAY)
    book = machine.state.books["trend"]
    assert (book.trades_closed, book.trades_won) == (1, 1)
    assert book.gross_profit == Decimal("19.7")
    (position,) = published(effects, Position)
    assert position.quantity == Decimal("0.008")


def test_of_two_bars_that_end_together_the_finer_one_marks() -> None:
    """Which bar is the mark follows from the bars, not from the order in which they came."""
    daily, hourly = bar(1, 100_00), bar(1, 101_00, length_ns=DAY // 24)
    for order in ((daily, hourly), (hourly, daily)):
        machine = new_machine()
        for body in order:
            machine.handle(body, START + DAY)
        assert machine.state.marks["XNAS"]["AAPL"] == (START + DAY, DAY // 24, 101_00)


def test_the_end_of_the_feed_brings_the_final_account_and_performance() -> None:
    """Account, open positions at their last marks, and one report per book."""
    machine = new_machine()
    machine.handle(bar(1, 100_00), START + DAY)
    settle(machine, machine.handle(DUPLICATE, START + DAY), START + DAY)
    machine.handle(bar(2, 110_00), START + 2 * DAY)
    ended = FeedStatus(feed="replay-demo", state=FeedState.ENDED, at_ns=START + 2 * DAY)
    effects = settle(machine, machine.handle(ended, START + 2 * DAY), START + 2 * DAY)
    assert published(effects, AccountSnapshot)[0].equity == Decimal(100_100)
    assert published(effects, Position)[0].mark_price == Decimal(110)
    assert [report.strategy for report in published(effects, Performance)] == ["", "trend"]


def test_performance_is_reported_at_its_interval() -> None:
    """With daily bars and a weekly interval there are two reports in a fortnight."""
    machine = new_machine()
    reports = [
        report.event_at_ns
        for day in range(1, 17)
        for report in published(machine.handle(bar(day, 100_00), START + day * DAY), Performance)
    ]
    assert reports == [START + 7 * DAY, START + 14 * DAY]


def test_strategies_that_trade_one_symbol_are_measured_apart() -> None:
    """One buys what the other sells: the account is flat, each strategy holds its own."""
    machine = new_machine()
    machine.handle(bar(1, 100_00), START + DAY)
    machine.handle(fill("x1", "10", "100"), START + DAY)
    machine.handle(fill("x2", "-10", "104", strategy="fade"), START + DAY)
    books = machine.state.books
    assert [books[name].holdings["XNAS|AAPL"].quantity for name in ("", "trend", "fade")] == [
        Decimal(0),
        Decimal(10),
        Decimal(-10),
    ]
    assert (books[""].trades_won, books["trend"].trades_closed) == (1, 0)


def test_an_order_of_the_gate_belongs_to_the_account_alone() -> None:
    """A flattening fill has no strategy and no signal; it is booked once, without an order key."""
    machine = new_machine()
    effects = machine.handle(fill("x1", "-10", "100", strategy="", signal_key=""), START)
    assert machine.state.books[""].holdings["XNAS|AAPL"].quantity == Decimal(-10)
    assert {e.order_key for e in published(effects, LedgerEntry) if e.reason == "TRADE"} == {""}


def test_a_fill_whose_causes_are_missing_is_booked_all_the_same() -> None:
    """Money that has moved is written down, whatever else has not arrived."""
    machine = new_machine()
    effects = machine.handle(CauseMissing(DUPLICATE, (("bars", 3),)), START)
    assert published(effects, Position)[0].quantity == Decimal(10)


def test_a_fill_of_another_session_is_a_programmers_error() -> None:
    """Books never mix: a host that delivers a stranger's fill crashes the shard."""
    with pytest.raises(AssertionError, match="a fill of session other"):
        new_machine().handle(fill("x1", "1", "1", session="other"), START)
