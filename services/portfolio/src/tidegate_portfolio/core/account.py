"""What the account is worth: cash from the ledger, positions at their marks.

A position without a bar is valued at its last fill's price, and ``marks_stale`` says so; so it
does when a mark is too old, or when something is held in a currency that the account cannot count.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.portfolio import AccountSnapshot, Position
from tidegate_kernel.money import ZERO, to_decimal
from tidegate_portfolio.core import ledger
from tidegate_portfolio.core.performance import ACCOUNT_BOOK
from tidegate_portfolio.core.positions import market_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_portfolio.core.performance import Book
    from tidegate_portfolio.core.positions import Holding
    from tidegate_portfolio.core.state import PortfolioParameters, State


class Valuation(msgspec.Struct, frozen=True, gc=False):
    """A book's open positions at one moment."""

    value: Decimal
    unrealized_pnl: Decimal
    open_positions: int
    stale: bool


def mark_of(state: State, holding: Holding) -> tuple[Decimal, int | None]:
    """Return the price at which a holding is marked, and the end of its bar if it has one."""
    try:
        end_ns, _, close = state.marks[holding.venue][holding.symbol]
        scale, _ = state.instruments[holding.venue][holding.symbol]
    except KeyError:
        return holding.last_price, None
    return to_decimal(close, scale), end_ns


def value_book(
    parameters: PortfolioParameters, state: State, book: Book, at_ns: int, valued: Sequence[str]
) -> Valuation:
    """Value a book's open positions at their marks; ``valued`` are the currencies that count."""
    value = unrealized_pnl = ZERO
    stale = False
    held = book.open_holdings()
    for holding in held:
        if holding.currency not in valued:
            stale = True
            continue
        price, marked_at_ns = mark_of(state, holding)
        worth = market_value(holding, price)
        value += worth
        unrealized_pnl += worth - holding.cost
        stale |= marked_at_ns is None or at_ns - marked_at_ns > parameters.mark_age_ns_max
    return Valuation(value, unrealized_pnl, len(held), stale)


def equity(parameters: PortfolioParameters, state: State, at_ns: int) -> Decimal:
    """Return cash plus the value of what is held."""
    valued = parameters.valued_currencies()
    cash = state.ledger.total(ledger.CASH, valued)
    return cash + value_book(parameters, state, state.books[ACCOUNT_BOOK], at_ns, valued).value


def take_snapshot(parameters: PortfolioParameters, state: State, at_ns: int) -> AccountSnapshot:
    """Value the account at a settled moment; peaks and drawdowns of all books move with it."""
    book = state.books[ACCOUNT_BOOK]
    valued = parameters.valued_currencies()
    valuation = value_book(parameters, state, book, at_ns, valued)
    cash = state.ledger.total(ledger.CASH, valued)
    worth = cash + valuation.value
    drawdown = book.observe(worth)
    _observe_strategies(parameters, state, at_ns, valued)
    return AccountSnapshot(
        session=parameters.session,
        account=parameters.account,
        currency=parameters.currency,
        cash=cash,
        positions_value=valuation.value,
        equity=worth,
        realized_pnl=state.ledger.profit(valued),
        unrealized_pnl=valuation.unrealized_pnl,
        fees=state.ledger.total(ledger.FEES, valued),
        peak_equity=book.peak_equity,
        drawdown=drawdown,
        day_start_equity=state.day_start_equity,
        open_positions=valuation.open_positions,
        marks_stale=valuation.stale or _holds_other_money(state, valued),
        event_at_ns=at_ns,
        fills_booked=len(state.booked),
        transfers=-state.ledger.total(ledger.TRANSFERS, valued) or None,
    )


def position_of(
    parameters: PortfolioParameters, state: State, holding: Holding, at_ns: int
) -> Position:
    """Return a holding of the account as a message."""
    price, _ = mark_of(state, holding)
    return Position(
        session=parameters.session,
        account=parameters.account,
        venue=holding.venue,
        symbol=holding.symbol,
        quantity=holding.quantity,
        average_cost=ledger.amount(holding.average_cost),
        mark_price=price,
        realized_pnl=holding.realized_pnl,
        unrealized_pnl=market_value(holding, price) - holding.cost,
        fees=holding.fees,
        event_at_ns=at_ns,
    )


def _observe_strategies(
    parameters: PortfolioParameters, state: State, at_ns: int, valued: Sequence[str]
) -> None:
    for strategy, book in state.books.items():
        if strategy != ACCOUNT_BOOK:
            unrealized_pnl = value_book(parameters, state, book, at_ns, valued).unrealized_pnl
            book.observe(parameters.capital + book.realized_pnl - book.fees + unrealized_pnl)


def _holds_other_money(state: State, valued: tuple[str, ...]) -> bool:
    cash = state.ledger.balances.get(ledger.CASH, {})
    return any(held != 0 for currency, held in cash.items() if currency not in valued)
