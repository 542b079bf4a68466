"""What the portfolio machine is told once, and what it remembers."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_kernel.money import ZERO
from tidegate_kernel.time import NS_PER_DAY
from tidegate_portfolio.core.ledger import Ledger
from tidegate_portfolio.core.performance import Book

Mark = tuple[int, int, int]
"""End of the bar, its timeframe, its close in the instrument's price scale."""


class PortfolioParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides what the books of one session look like."""

    session: str
    account: str
    feed: str
    currency: str
    # Decimal places at most those of the ledger.
    capital: Decimal
    lockstep: bool
    # Event time of the opening entry; 0 means the start of the first bar.
    opened_at_ns: int = 0
    # Session time between account snapshots, aligned to its multiples since 1970.
    snapshot_interval_ns: int = NS_PER_DAY
    # Session time between performance reports.
    performance_interval_ns: int = 7 * NS_PER_DAY
    # Wall clock only: how long a snapshot waits for the rest of its bars and fills.
    settle_ns: int = 0
    # A mark older than this makes a valuation stale.
    mark_age_ns_max: int = 7 * NS_PER_DAY
    # Currencies that count one for one, if the account's own is among them.
    par_currencies: tuple[str, ...] = ("USD", "USDC", "USDT")

    def valued_currencies(self) -> tuple[str, ...]:
        """Return the currencies that the account's equity can be told in."""
        return self.par_currencies if self.currency in self.par_currencies else (self.currency,)


class State(msgspec.Struct):
    """All that a snapshot of the machine holds."""

    opened: bool = False
    ended: bool = False
    # A snapshot of the account is on its way: its timer is set.
    armed: bool = False
    # End of the newest bar seen.
    instant_ns: int = 0
    # End of the UTC day that holds the newest instant; its midnight belongs to the next day.
    day_end_ns: int = 0
    snapshot_due_ns: int = 0
    performance_due_ns: int = 0
    day_start_equity: Decimal = ZERO
    ledger: Ledger = msgspec.field(default_factory=Ledger)
    books: dict[str, Book] = {}
    # Venue, symbol.
    marks: dict[str, dict[str, Mark]] = {}
    # Venue, symbol: price scale and quote currency.
    instruments: dict[str, dict[str, tuple[int, str]]] = {}
    # By venue|symbol: the smallest step of an order's quantity.
    lots: dict[str, Decimal] = {}
    # Venue, symbol and execution id of every booked fill, and `entry|` and the id of every account
    # entry, with its event time.
    booked: dict[str, int] = {}
