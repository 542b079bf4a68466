"""The whole book, and what it is worth in the worst case.

Equity is the smaller of two independent figures: the portfolio's newest account snapshot (the
capital until there is one), and cash plus positions at the newest closes from risk's own fills and
account entries. The day's loss is the larger of the two. What is transferred is no loss and no
profit: the day's first equity moves with it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tidegate_contracts.execution import AccountEntryKind
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_kernel.money import ZERO
from tidegate_kernel.time import NS_PER_DAY, day_of, is_same_day
from tidegate_risk.core.book.holdings import Holdings
from tidegate_risk.core.book.market import Market, listing_of
from tidegate_risk.core.book.orders import OpenOrders
from tidegate_risk.core.book.recent import Recent
from tidegate_risk.core.book.repeats import Repeats
from tidegate_risk.core.book.worth import Worth

if TYPE_CHECKING:
    from tidegate_contracts.execution import AccountEntry, Fill
    from tidegate_contracts.frame import Frame
    from tidegate_contracts.market import Bar


class Reach(NamedTuple):
    """The signed position with all open buys filled, and the one with all open sells filled."""

    up: Decimal
    down: Decimal

    def worst(self, buys: Decimal = ZERO, sells: Decimal = ZERO) -> Decimal:
        """Return the largest position that they, and one more order, could lead to."""
        return max(abs(self.up + buys), abs(self.down - sells))


NO_REACH = Reach(ZERO, ZERO)


class Book(msgspec.Struct, dict=True):
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
    # Of the listings that some strategy has asked about.
    recent: dict[str, Recent] = {}
    repeats: Repeats = msgspec.field(default_factory=Repeats)

    def __post_init__(self) -> None:
        self._worth: Worth | None = None

    @property
    def worth(self) -> Worth:
        """What the held positions are worth now."""
        known = self._worth
        if known is None or known.version != (self.holdings.fills_count, self.market.moves):
            known = self._worth = Worth(self.holdings, self.market, known)
        return known

    def turn_day(self, now_ns: int) -> None:
        """Begin a UTC day: its loss is measured from what the book is worth before this input."""
        self.day_start_equity = self.marked_equity()
        self.day_ends_ns = (day_of(now_ns) + 1) * NS_PER_DAY

    def mark(self, bar: Bar) -> None:
        """Take a bar."""
        self.market.mark(bar)
        if self.recent:
            recent = self.recent.get(f"{bar.venue}|{bar.symbol}")
            if recent is not None:
                recent.take(bar)

    def take_recent(self, frame: Frame, first: int, last: int) -> None:
        """Take bars as columns into what is recent; they do not mark."""
        if not self.recent:
            return
        for code, instrument in enumerate(frame.instruments):
            recent = self.recent.get(f"{instrument.venue}|{instrument.symbol}")
            if recent is not None:
                part = frame.parts[code]
                begin, end = part.place_of(first), part.place_of(last)
                if end - begin == 1:
                    # It is made anyway, for its close.
                    recent.take(frame.bar(part.row_of(begin, last)))
                else:
                    recent.take_columns(frame.timeframe_ns, part.values[:, begin:end])

    def follow(self, listing: str) -> None:
        """Keep what the newest bars of a listing are like from now on."""
        if listing not in self.recent:
            self.recent[listing] = Recent()

    def book_fill(self, fill: Fill, now_ns: int) -> bool:
        """Take a fill, once; return whether it is new."""
        if not self.holdings.book(fill):
            return False
        self.orders.fill(fill)
        if self.unbooked_since_ns == 0:
            self.unbooked_since_ns = now_ns
        return True

    def book_entry(self, entry: AccountEntry, now_ns: int) -> Decimal | None:
        """Take an account entry, once; return what was transferred, None if it is not new."""
        listing = listing_of(entry.venue, entry.symbol)
        instrument = self.market.instruments.get(listing)
        before = self.holdings.position(listing)
        quote = "" if instrument is None else instrument.quote_currency
        equity = self.marked_equity()
        if not self.holdings.book_entry(entry, quote):
            return None
        if self.unbooked_since_ns == 0:
            self.unbooked_since_ns = now_ns
        if entry.kind == AccountEntryKind.SPLIT and before != 0:
            self.market.split(listing, entry.event_at_ns, (before + entry.quantity) / before)
        if entry.kind != AccountEntryKind.TRANSFER:
            return ZERO
        transferred = self.marked_equity() - equity
        self.day_start_equity += transferred
        if self.account is None:
            self.capital += transferred
        return transferred

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
        return self.worth.equity

    def account_equity(self) -> Decimal:
        """Return the portfolio's equity, or the capital while it has said nothing."""
        return self.capital if self.account is None else self.account.equity

    def equity(self, marked_equity: Decimal | None = None) -> Decimal:
        """Return the smaller of the two; the first is worked out unless it is given."""
        marked = self.marked_equity() if marked_equity is None else marked_equity
        told = self.capital if self.account is None else self.account.equity
        return min(marked, told)

    def daily_loss(self, now_ns: int, marked_equity: Decimal | None = None) -> Decimal:
        """Return what was lost since the UTC day began, at least zero."""
        marked = self.marked_equity() if marked_equity is None else marked_equity
        own = self.day_start_equity - marked
        told = ZERO
        if self.account is not None and is_same_day(self.account.event_at_ns, now_ns):
            told = self.account.day_start_equity - self.account.equity
        return max(own, told, ZERO)

    def free_cash(self) -> Decimal:
        """Return the cash that nothing else needs.

        Short sales have put their proceeds into cash: those, and as much again as margin, and what
        open entry orders would cost, are taken away. So is what options that are held could lose
        at their expiry, where that is more.
        """
        worth = self.worth
        kept = 2 * worth.short + worth.option_margin
        return self.holdings.cash - kept - self.orders.reserved_cash()

    def reaches(self) -> dict[str, Reach]:
        """Return how far open orders could bring each position: never netted."""
        positions = self.holdings.positions
        found = {listing: Reach(held, held) for listing, held in positions.items()}
        return {**found, **self.open_reaches()}

    def open_reaches(self) -> dict[str, Reach]:
        """Return the same of the listings in which an order is open."""
        if not self.orders.by_id:
            return {}
        positions, found = self.holdings.positions, {}
        for listing, (buys, sells) in self.orders.open_sides().items():
            held = positions.get(listing, ZERO)
            found[listing] = Reach(held + buys, held - sells)
        return found

    def exposed_listings(self) -> list[str]:
        """Return the listings that are held or could be after open orders fill.

        Less than a lot is no position: fees in kind leave such dust, and no order can sell it.
        """
        held = [
            listing
            for listing, quantity in self.holdings.positions.items()
            if abs(quantity) >= self.market.lot_of(listing)
        ]
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
