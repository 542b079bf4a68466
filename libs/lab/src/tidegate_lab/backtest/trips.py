"""Round trips: from flat to flat in one symbol, booked as the portfolio service books them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegate_contracts.execution import Side
from tidegate_portfolio.core.ledger import amount
from tidegate_portfolio.core.positions import Holding, book

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from tidegate_contracts.execution import Fill


class Trip(NamedTuple):
    """One round trip of the account."""

    symbol: str
    opened_at_ns: int
    closed_at_ns: int
    pnl: Decimal
    """Profit after fees, in the symbol's quote currency."""


def trips_of(fills: Iterable[Fill]) -> list[Trip]:
    """Return the round trips that fills have ended, in the order of their ends."""
    holdings: dict[tuple[str, str], Holding] = {}
    opened: dict[tuple[str, str], int] = {}
    trips: list[Trip] = []
    for fill in fills:
        key = (fill.venue, fill.symbol)
        holding = holdings.setdefault(key, Holding(fill.venue, fill.symbol, fill.fee_currency))
        opened.setdefault(key, fill.event_at_ns)
        quantity = fill.quantity if fill.side is Side.BUY else -fill.quantity
        booking = book(holding, quantity, fill.price, amount(fill.fee))
        if booking.trip_pnl is not None:
            trips.append(Trip(fill.symbol, opened[key], fill.event_at_ns, booking.trip_pnl))
            opened[key] = fill.event_at_ns
        if holding.quantity == 0:
            del opened[key]
    return trips
