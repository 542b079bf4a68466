"""Round trips: from flat to flat in one symbol, booked as the portfolio service books them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tidegate_contracts.execution import Fill, Side
from tidegate_portfolio.core.ledger import amount
from tidegate_portfolio.core.positions import Holding, book, rebook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from numpy.typing import NDArray

    from tidegate_contracts.execution import AccountEntry
    from tidegate_contracts.portfolio import AccountSnapshot


class Trip(NamedTuple):
    """One round trip of the account."""

    symbol: str
    opened_at_ns: int
    closed_at_ns: int
    pnl: Decimal
    """Profit after fees, in the symbol's quote currency."""


def trips_of(fills: Sequence[Fill], entries: Sequence[AccountEntry] = ()) -> list[Trip]:
    """Return the round trips that fills and account entries have ended, in order of their ends.

    An entry comes before the fills of its time: it counts what was held through it.
    """
    told: Sequence[Fill | AccountEntry] = fills
    if entries:
        named = (each for each in entries if each.symbol)
        told = sorted([*named, *fills], key=lambda each: each.event_at_ns)
    holdings: dict[tuple[str, str], Holding] = {}
    opened: dict[tuple[str, str], int] = {}
    trips: list[Trip] = []
    for each in told:
        key = (each.venue, each.symbol)
        if isinstance(each, Fill):
            holding = holdings.setdefault(key, Holding(each.venue, each.symbol, each.fee_currency))
            quantity = each.quantity if each.side is Side.BUY else -each.quantity
            profit = book(holding, quantity, each.price, amount(each.fee)).trip_pnl
        else:
            holding = holdings.setdefault(key, Holding(each.venue, each.symbol, each.currency))
            profit = _take(holding, each)
        opened.setdefault(key, each.event_at_ns)
        if profit is not None:
            trips.append(Trip(each.symbol, opened[key], each.event_at_ns, profit))
            opened[key] = each.event_at_ns
        if holding.quantity == 0:
            del opened[key]
    return trips


def _take(holding: Holding, entry: AccountEntry) -> Decimal | None:
    """Book an account entry; return the profit of the round trip that it ends."""
    if entry.quantity == 0:
        holding.trip_pnl += amount(entry.cash)
        return None
    booking = rebook(holding, entry.quantity, entry.price)
    own = amount(entry.cash) + booking.cost_change - booking.realized
    if booking.trip_pnl is not None:
        return booking.trip_pnl + own
    holding.trip_pnl += own
    return None


def trade_returns_of(
    trips: Sequence[Trip], accounts: Sequence[AccountSnapshot]
) -> NDArray[np.float64]:
    """Return each round trip's gain as a share of the equity last told before it ended."""
    told_ns = np.array([each.event_at_ns for each in accounts], dtype=np.int64)
    ended_ns = np.array([trip.closed_at_ns for trip in trips], dtype=np.int64)
    before = np.maximum(np.searchsorted(told_ns, ended_ns, side="right") - 1, 0)
    gains = [trip.pnl / accounts[at].equity for trip, at in zip(trips, before, strict=True)]
    return np.array(gains, dtype=np.float64)
