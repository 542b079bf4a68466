"""Today's book in money: what each listing could be worth once its open orders have filled.

A listing has two worst cases: all open buys filled and no sell (``most``), or all open sells and no
buy (``least``). They are never netted. A risk measure takes the one that is worse for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegate_contracts.execution import Side
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_risk.core.book.book import Book


class Extremes(NamedTuple):
    """The highest and the lowest value that a listing's position could have, signed."""

    most: Decimal
    least: Decimal

    @property
    def worst(self) -> Decimal:
        """The one that is further from zero."""
        return self.most if abs(self.most) >= abs(self.least) else self.least


FLAT = Extremes(ZERO, ZERO)

Exposures = dict[str, Extremes]


def exposures_of(book: Book) -> Exposures:
    """Return the extremes of every listing that is held or has an open order, by listing.

    A listing without a price counts nothing: `price_present` has refused before it is asked.
    """
    positions = book.holdings.positions
    buys: dict[str, Decimal] = {}
    sells: dict[str, Decimal] = {}
    for order in book.orders.by_id.values():
        if order.remaining > 0:
            amounts = buys if order.side == Side.BUY else sells
            amounts[order.listing] = amounts.get(order.listing, ZERO) + order.remaining
    found: Exposures = {}
    for listing in dict.fromkeys([*positions, *buys, *sells]):
        price = book.market.price_of(listing) or ZERO
        held = positions.get(listing, ZERO)
        most = held + buys.get(listing, ZERO)
        least = held - sells.get(listing, ZERO)
        found[listing] = Extremes(most * price, least * price)
    return found


def with_order(before: Extremes, side: Side, value: Decimal) -> Extremes:
    """Return the extremes of a listing with one more open order of a value above zero."""
    if side == Side.BUY:
        return Extremes(before.most + value, before.least)
    return Extremes(before.most, before.least - value)
