"""One symbol's book: outside liquidity, our resting orders, the last price."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from tests.venues.exchange.listings import Listing
from tests.venues.exchange.orders import ZERO, Kind, Order, Side

Levels = list[list[Decimal]]
"""Price and quantity, best first."""


@dataclass
class Market:
    """What is known of one symbol."""

    listing: Listing
    bids: Levels = field(default_factory=list)
    asks: Levels = field(default_factory=list)
    resting: list[Order] = field(default_factory=list)
    last: Decimal = ZERO
    # Counts the changes of the book, as Binance numbers them.
    changes: int = 0

    def opposite(self, side: Side) -> Levels:
        """Return the liquidity that an order of this side takes."""
        return self.asks if side is Side.BUY else self.bids

    def reachable(self, order: Order) -> Decimal:
        """Return how much the order could take now."""
        return sum(
            (each[1] for each in self.opposite(order.ticket.side) if _in_limit(order, each[0])),
            ZERO,
        )

    def take(self, order: Order, at_most: Decimal) -> list[tuple[Decimal, Decimal]]:
        """Take liquidity for an order, best price first; return price and quantity of each part."""
        parts: list[tuple[Decimal, Decimal]] = []
        levels = self.opposite(order.ticket.side)
        wanted = min(order.remaining, at_most)
        while levels and wanted > 0 and _in_limit(order, levels[0][0]):
            level = levels[0]
            quantity = min(wanted, level[1])
            parts.append((level[0], quantity))
            level[1] -= quantity
            wanted -= quantity
            if not level[1]:
                levels.pop(0)
        return parts

    def depth(self, side: Side) -> dict[Decimal, Decimal]:
        """Return price → quantity of a side, our resting limit orders included, best first."""
        levels = self.bids if side is Side.BUY else self.asks
        found = {each[0]: each[1] for each in levels}
        for order in self.in_priority():
            limit = limit_of(order)
            if order.ticket.side is side and limit is not None:
                found[limit] = found.get(limit, ZERO) + order.remaining
        return dict(sorted(found.items(), reverse=side is Side.BUY))

    def in_priority(self) -> list[Order]:
        """Return the orders that may trade: best price first, then the earlier one."""
        able = [order for order in self.resting if order.triggered]
        return sorted(able, key=_priority)

    def waiting_stops(self) -> list[Order]:
        """Return the stops that have not been touched."""
        return [order for order in self.resting if not order.triggered]

    def reference(self, side: Side) -> Decimal:
        """Return the price that an order of this side would start at, or the last one."""
        levels = self.opposite(side)
        return levels[0][0] if levels else self.last


def touched(order: Order, price: Decimal) -> bool:
    """Tell whether a price touches a stop, after moving a trailing one."""
    ticket = order.ticket
    if ticket.kind is Kind.TRAILING_STOP:
        _trail(order, price)
    stop = order.stop_now
    assert stop is not None
    return price >= stop if ticket.side is Side.BUY else price <= stop


def _trail(order: Order, price: Decimal) -> None:
    ticket = order.ticket
    best = order.extreme if order.extreme is not None else price
    order.extreme = min(best, price) if ticket.side is Side.BUY else max(best, price)
    distance = ticket.trail_amount
    if distance is None:
        assert ticket.trail_percent is not None
        distance = order.extreme * ticket.trail_percent / 100
    order.stop_now = order.extreme + distance * ticket.side.sign


def limit_of(order: Order) -> Decimal | None:
    """Return the worst price that an order accepts; None for any."""
    if order.ticket.kind in (Kind.LIMIT, Kind.STOP_LIMIT):
        return order.ticket.limit_price
    return None


def _in_limit(order: Order, price: Decimal) -> bool:
    limit = limit_of(order)
    if limit is None:
        return True
    return price <= limit if order.ticket.side is Side.BUY else price >= limit


def _priority(order: Order) -> tuple[Decimal, int]:
    limit = limit_of(order)
    if limit is None:
        return Decimal("-Infinity"), order.number
    return -limit * order.ticket.side.sign, order.number
