"""Performance: round trips won and lost, and how deep the equity fell.

A book is kept for the whole account (strategy ``""``) and one for each strategy, with average
costs of its own, so that strategies that trade the same symbol are measured apart. A strategy's
equity is the account's capital plus what the strategy made of it.

``gross_profit`` and ``gross_loss`` are the sums of the winning and of the losing round trips after
fees, both >= 0: profit factor = gross_profit / gross_loss. Drawdown = (peak - equity) / peak.
"""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.portfolio import Performance
from tidegate_kernel.money import ZERO
from tidegate_portfolio.core.ledger import amount
from tidegate_portfolio.core.positions import Holding

if TYPE_CHECKING:
    from tidegate_portfolio.core.positions import Booking

ACCOUNT_BOOK = ""
"""The strategy's name of the book that holds everything."""
_PLACE = attrgetter("venue", "symbol")


class Book(msgspec.Struct):
    """The holdings and the record of the account or of one strategy."""

    strategy: str
    holdings: dict[str, Holding] = {}
    trades_closed: int = 0
    trades_won: int = 0
    realized_pnl: Decimal = ZERO
    fees: Decimal = ZERO
    gross_profit: Decimal = ZERO
    gross_loss: Decimal = ZERO
    peak_equity: Decimal = ZERO
    max_drawdown: Decimal = ZERO

    def holding(self, venue: str, symbol: str, currency: str) -> Holding:
        """Return the holding of an instrument, made when it is new."""
        key = f"{venue}|{symbol}"
        found = self.holdings.get(key)
        if found is None:
            found = self.holdings[key] = Holding(venue, symbol, currency)
        return found

    def open_holdings(self) -> list[Holding]:
        """Return what is held, ordered by venue and symbol."""
        held = [each for each in self.holdings.values() if each.quantity != 0]
        return sorted(held, key=_PLACE) if len(held) > 1 else held

    def record(self, booking: Booking, fee: Decimal) -> None:
        """Count a fill; a round trip without profit counts as closed and not as won."""
        self.realized_pnl += booking.realized
        self.fees += fee
        if booking.trip_pnl is not None:
            self.end_trip(booking.trip_pnl)

    def end_trip(self, profit: Decimal) -> None:
        """Count a round trip that has ended."""
        self.trades_closed += 1
        if profit > 0:
            self.trades_won += 1
            self.gross_profit += profit
        else:
            self.gross_loss -= profit

    def observe(self, equity: Decimal) -> Decimal:
        """Take note of the equity at a settled moment; return the drawdown there."""
        self.peak_equity = max(self.peak_equity, equity)
        drawdown = drawdown_of(self.peak_equity, equity)
        self.max_drawdown = max(self.max_drawdown, drawdown)
        return drawdown

    def report(self, session: str, event_at_ns: int) -> Performance:
        """Return the record so far."""
        return Performance(
            session=session,
            strategy=self.strategy,
            event_at_ns=event_at_ns,
            trades_closed=self.trades_closed,
            trades_won=self.trades_won,
            realized_pnl=self.realized_pnl,
            gross_profit=self.gross_profit,
            gross_loss=self.gross_loss,
            max_drawdown=self.max_drawdown,
        )


def drawdown_of(peak_equity: Decimal, equity: Decimal) -> Decimal:
    """Return (peak - equity) / peak; above 1 when more than everything is lost."""
    assert peak_equity > 0, f"expected a peak equity above 0, found {peak_equity}"
    return amount((peak_equity - equity) / peak_equity)
