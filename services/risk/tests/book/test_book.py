"""The book: two figures for equity, cash that is really free, days that turn."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_contracts.signals import Direction
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.testing import SESSION, START_NS, Desk, bar, parameters


def snapshot(equity: int, fills: int = 0, at_ns: int = START_NS) -> AccountSnapshot:
    """Return the portfolio's word."""
    return AccountSnapshot(
        session=SESSION,
        equity=Decimal(equity),
        day_start_equity=Decimal(equity),
        fills_booked=fills,
        event_at_ns=at_ns,
    )


def test_equity_is_the_capital_at_genesis() -> None:
    """Before any word from the portfolio."""
    assert Desk().machine.state.book.equity() == 100_000


def test_the_smaller_of_two_equities_counts() -> None:
    """The portfolio's when it is smaller, risk's own when that is."""
    desk = Desk()
    desk.tell(snapshot(90_000))
    assert desk.machine.state.book.equity() == 90_000
    desk.tell(snapshot(110_000, at_ns=START_NS + 1))
    assert desk.machine.state.book.equity() == 100_000


def test_an_older_snapshot_changes_nothing() -> None:
    """The one that has booked more fills counts, in whichever order they arrive."""
    desk = Desk()
    desk.tell(snapshot(90_000, fills=2))
    desk.tell(snapshot(80_000, fills=1, at_ns=START_NS + 1))
    assert desk.machine.state.book.equity() == 90_000


def test_own_equity_follows_prices_fills_and_fees() -> None:
    """100 shares bought at 100 with a fee of 5, now at 110: 1,000 less 5 gained."""
    desk = Desk()
    fill = desk.fill(desk.ask())
    late = msgspec.structs.replace(fill, execution_id="fee", quantity=Decimal(0), fee=Decimal(5))
    desk.tell(late)
    desk.tell(bar(close=11_000, end_ns=START_NS + 1))
    assert desk.machine.state.book.marked_equity() == 100_995


def test_the_newest_bar_counts_whatever_arrives_last() -> None:
    """A late bar does not move the price back."""
    desk = Desk()
    desk.tell(bar(close=12_000, end_ns=START_NS + 2))
    desk.tell(bar(close=11_000, end_ns=START_NS + 1))
    assert desk.machine.state.book.market.price_of("XNAS|AAPL") == 120


def test_the_proceeds_of_a_short_are_not_free() -> None:
    """Short 10,000: proceeds and as much again as margin are taken from cash."""
    desk = Desk(parameters(short_allowed=True))
    desk.fill(desk.ask(Direction.SHORT))
    book = desk.machine.state.book
    assert book.holdings.cash == 110_000
    assert book.free_cash() == 90_000


def test_the_day_turns_with_the_first_input_of_a_new_utc_day() -> None:
    """Yesterday's last equity is today's first, and the loss starts over."""
    desk = Desk()
    desk.hold()
    desk.tell(bar(close=9_000, end_ns=START_NS + 1))
    assert desk.machine.state.book.daily_loss(desk.now_ns) == 1_000
    desk.now_ns += NS_PER_DAY
    desk.tell(bar(close=8_000, end_ns=desk.now_ns))
    assert desk.machine.state.book.daily_loss(desk.now_ns) == 1_000


def test_a_position_that_is_closed_leaves_no_trace() -> None:
    """Zero is not a position, neither the account's nor the strategy's."""
    desk = Desk()
    desk.hold()
    desk.fill(desk.ask(Direction.FLAT))
    holdings = desk.machine.state.book.holdings
    assert (holdings.positions, holdings.owned) == ({}, {})
