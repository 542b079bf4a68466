"""The whole book, and what it is worth in the worst case.

Equity is the smaller of two independent figures: the portfolio's newest account snapshot (the
capital until there is one), and cash plus positions at the newest closes from risk's own fills.
The day's loss is the larger of the two.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import Side
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_kernel.money import ZERO
from tidegate_kernel.time import NS_PER_DAY, day_of
from tidegate_kernel.valuation import worst_case_quantity
from tidegate_risk.core.book.holdings import Holdings
from tidegate_risk.core.book.market import Market
from tidegate_risk.core.book.orders import OpenOrders

if TYPE_CHECKING:
    from tidegate_contracts.execution import Fill


class Book(msgspec.Struct):
    """Everything that a decision about the account looks at."""

    capital: Decimal
    holdings: Holdings
    market: Market
    orders: OpenOrders
    account: AccountSnapshot | None = None
    # When the oldest fill that the account has not booked arrived; 0 = all are booked.
    unbooked_since_ns: int = 0
    day_ends_ns: int = 0
    day_start_equity: Decimal = ZERO

    def turn_day(self, now_ns: int) -> None:
        """Begin a UTC day: its loss is measured from what the book is worth before this input."""
        self.day_start_equity = self.marked_equity()
        self.day_ends_ns = (day_of(now_ns) + 1) * NS_PER_DAY

    def book_fill(self, fill: Fill, now_ns: int) -> None:
        """Take a fill, once."""
        if self.holdings.book(fill):
            self.orders.fill(fill)
            if self.unbooked_since_ns == 0:
                self.unbooked_since_ns = now_ns

    def take_account(self, account: AccountSnapshot) -> None:
        """Take the portfolio's word if it is the newest."""
        known = self.account
        if known is not None and _age(known) > _age(account):
            return
        self.account = account
        if account.fills_booked >= self.holdings.fills_count:
            self.unbooked_since_ns = 0

    def marked_equity(self) -> Decimal:
        """Return cash and positions at the newest closes."""
        worth, price_of = self.holdings.cash, self.market.price_of
        for listing, quantity in self.holdings.positions.items():
            worth += quantity * (price_of(listing) or ZERO)
        return worth

    def account_equity(self) -> Decimal:
        """Return the portfolio's equity, or the capital while it has said nothing."""
        return self.capital if self.account is None else self.account.equity

    def equity(self) -> Decimal:
        """Return the smaller of the two."""
        return min(self.marked_equity(), self.account_equity())

    def daily_loss(self, now_ns: int) -> Decimal:
        """Return what was lost since the UTC day began, at least zero."""
        own = self.day_start_equity - self.marked_equity()
        told = ZERO
        if self.account is not None and day_of(self.account.event_at_ns) == day_of(now_ns):
            told = self.account.day_start_equity - self.account.equity
        return max(own, told, ZERO)

    def free_cash(self) -> Decimal:
        """Return the cash that nothing else needs.

        Short sales have put their proceeds into cash: those, and as much again as margin, and what
        open entry orders would cost, are taken away.
        """
        short = (
            -quantity * (self.market.price_of(listing) or ZERO)
            for listing, quantity in self.holdings.positions.items()
            if quantity < 0
        )
        return self.holdings.cash - 2 * sum(short, ZERO) - self.orders.reserved_cash()

    def worst_quantity(self, listing: str, buy: Decimal = ZERO, sell: Decimal = ZERO) -> Decimal:
        """Return the largest position that open orders, and one more, could lead to."""
        return worst_case_quantity(
            self.holdings.position(listing),
            self.orders.open_quantity(listing, Side.BUY) + buy,
            self.orders.open_quantity(listing, Side.SELL) + sell,
        )

    def exposed_listings(self) -> list[str]:
        """Return the listings that are held or could be after open orders fill."""
        held = list(self.holdings.positions)
        return list(dict.fromkeys(held + self.orders.entry_listings()))


def _age(account: AccountSnapshot) -> tuple[int, int]:
    return account.fills_booked, account.event_at_ns


def new_book(capital: Decimal, currency: str) -> Book:
    """Return the book of a new session: all cash."""
    return Book(
        capital=capital,
        holdings=Holdings(currency=currency, cash=capital),
        market=Market(),
        orders=OpenOrders(),
    )
