"""Today's book in money: what each listing could be worth once its open orders have filled.

A listing has two worst cases: all open buys filled and no sell (``most``), or all open sells and no
buy (``least``). They are never netted. A risk measure takes the one that is worse for it: an open
order that would hedge the book may never fill.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import Side
from tidegate_kernel.money import ZERO
from tidegate_risk.core.book.worth import Extremes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from decimal import Decimal

    from tidegate_risk.core.book.book import Book, Reach
    from tidegate_risk.core.portfolio.estimates import Estimates


FLAT = Extremes(ZERO, ZERO)

Exposures = dict[str, Extremes]


def exposures_of(book: Book, open_reaches: Mapping[str, Reach]) -> Exposures:
    """Return the extremes of every listing that is held or has an open order, by listing.

    A listing without a price counts nothing: `price_present` has refused before it is asked.
    """
    price_of = book.market.price_of
    found: Exposures = {**book.worth.extremes}
    for listing, (up, down) in open_reaches.items():
        price = price_of(listing) or ZERO
        most = up * price
        found[listing] = Extremes(most, most if down is up else down * price)
    return found


def worst_values(
    exposures: Exposures, held: Mapping[str, float], ordered: Collection[str], estimates: Estimates
) -> dict[str, float]:
    """Return the value of each listing that is worst for the book's variance.

    What has no open order has one value: what is ``held``. To that, listings with open orders are
    added one by one, each with the extreme that adds more to the variance of what is there already.
    """
    values = {**held}
    if not ordered:
        return values
    for listing in ordered:
        most, least = exposures[listing]
        values[listing] = 0.0 if most != least else float(most)
    open_ones = [
        each for each in values if each in ordered and exposures[each].most != exposures[each].least
    ]
    profits = estimates.profits(values)
    for listing in open_ones:
        returns = estimates.stacked(tuple(values))[list(values).index(listing)]
        along, alone = float(profits @ returns), float(returns @ returns)
        values[listing] = max(
            (float(extreme) for extreme in exposures[listing]),
            key=lambda value: 2 * value * along + value * value * alone,
        )
        profits = profits + values[listing] * returns
    return values


def with_order(before: Extremes, side: Side, value: Decimal) -> Extremes:
    """Return the extremes of a listing with one more open order of a value above zero."""
    if side == Side.BUY:
        return Extremes(before.most + value, before.least)
    return Extremes(before.most, before.least - value)
