"""What the held positions are worth at the newest closes, kept from one look to the next.

All of it follows from holdings and prices, so it is no part of the state. After a fill, a bar or a
description the listings that it has touched are valued anew when somebody looks (`Book.worth`). The
order is that of the positions and every sum goes over all of them: each figure is the one that a
new count gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tidegate_contracts.market import AssetClass
from tidegate_kernel.contracts import option_of
from tidegate_kernel.money import ZERO
from tidegate_kernel.structures import least_worth
from tidegate_risk.core.once import once

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from tidegate_risk.core.book.holdings import Holdings
    from tidegate_risk.core.book.market import Market


class Extremes(NamedTuple):
    """The highest and the lowest value that a listing's position could have, signed."""

    most: Decimal
    least: Decimal

    @property
    def worst(self) -> Decimal:
        """The one that is further from zero."""
        return self.most if abs(self.most) >= abs(self.least) else self.least


class Valued(msgspec.Struct, frozen=True):
    """One position, and the quantity and price that it was valued by."""

    quantity: Decimal
    price: Decimal | None
    value: Decimal
    extremes: Extremes
    size: Decimal


class Layout:
    """Which listings are held, as they are described now; another object when that changes."""

    def __init__(self, listings: tuple[str, ...], market: Market) -> None:
        self._listings = listings
        self._market = market
        self._described = market.described

    def fits(self, valued: Mapping[str, Valued]) -> bool:
        """Tell whether these are the listings, and none has been described anew."""
        if self._described != self._market.described:
            return False
        return self._listings == tuple(valued)

    @once
    def members(self) -> dict[object, list[str]]:
        """The listings of each base currency and of each class of assets."""
        found: dict[object, list[str]] = {}
        for listing in self._listings:
            instrument = self._market.instruments.get(listing)
            if instrument is not None:
                for kind in (instrument.base_currency, instrument.asset_class):
                    found.setdefault(kind, []).append(listing)
        return found


class Worth:
    """The held positions in money as they are now; never changed, and another one when they are.

    A position without a price is worth zero.
    """

    def __init__(self, holdings: Holdings, market: Market, before: Worth | None = None) -> None:
        """Value what has changed since ``before``."""
        known = {} if before is None else before.valued
        self.valued: dict[str, Valued] = _valued(holdings, market, known)
        # Cash and positions; and whether everything that is held has a price above zero.
        self.equity, self.is_priced = holdings.cash, True
        for each in self.valued.values():
            self.equity += each.value
            if each.price is None or each.price <= 0:
                self.is_priced = False
        if before is not None and before.layout.fits(self.valued):
            self.layout: Layout = before.layout
        else:
            self.layout = Layout(tuple(self.valued), market)
        # What has no price may get its first one unnoticed, so it is looked for again.
        self.version = (holdings.fills_count, market.moves) if self.is_priced else None

    @once
    def values(self) -> dict[str, Decimal]:
        """The signed value of every position."""
        return {listing: each.value for listing, each in self.valued.items()}

    @once
    def extremes(self) -> dict[str, Extremes]:
        """The same as extremes, which are equal while no order is open."""
        return {listing: each.extremes for listing, each in self.valued.items()}

    @once
    def sizes(self) -> dict[str, Decimal]:
        """The values without their signs."""
        return {listing: each.size for listing, each in self.valued.items()}

    @once
    def floats(self) -> dict[str, float]:
        """The values for estimates."""
        return {listing: float(each.value) for listing, each in self.valued.items()}

    @once
    def net(self) -> Decimal:
        """The sum of the values."""
        return sum([each.value for each in self.valued.values()], ZERO)

    @once
    def gross(self) -> Decimal:
        """The sum of the sizes."""
        return sum([each.size for each in self.valued.values()], ZERO)

    @once
    def short(self) -> Decimal:
        """What it would cost to buy back everything that is sold short."""
        return sum([-each.value for each in self.valued.values() if each.quantity < 0], ZERO)

    @once
    def option_margin(self) -> Decimal:
        """What options sold could cost at their expiry beyond twice their value now.

        Those of one underlying and expiry are one structure; one without a bound adds nothing, for
        nobody can say how much.
        """
        options = self.layout.members.get(AssetClass.OPTION)
        if options is None:
            return ZERO
        found: dict[tuple[str, date], list[tuple[str, Valued]]] = {}
        for listing in options:
            symbol = listing.partition("|")[2]
            option = option_of(symbol)
            if option is not None:
                group = found.setdefault((option.underlying, option.expires_on), [])
                group.append((symbol, self.valued[listing]))
        return sum((_margin_of(group) for group in found.values()), ZERO)

    def gross_of(self, kind: object) -> Decimal:
        """Return the sum of the sizes of one base currency, or of one class of assets."""
        valued = self.valued
        return sum([valued[each].size for each in self.layout.members.get(kind, ())], ZERO)


def _margin_of(group: Sequence[tuple[str, Valued]]) -> Decimal:
    short = sum((-each.value for _, each in group if each.quantity < 0), ZERO)
    if not short:
        return ZERO
    least = least_worth([(symbol, each.quantity) for symbol, each in group])
    return ZERO if least is None else max(-least - 2 * short, ZERO)


def _valued(holdings: Holdings, market: Market, before: dict[str, Valued]) -> dict[str, Valued]:
    """Return every position's value; what still has its quantity and price is as it was."""
    found: dict[str, Valued] = {}
    for listing, quantity in holdings.positions.items():
        known, price = before.get(listing), market.price_of(listing)
        if known is None or known.quantity is not quantity or known.price is not price:
            value = quantity * (price or ZERO)
            known = Valued(quantity, price, value, Extremes(value, value), abs(value))
        found[listing] = known
    return found
