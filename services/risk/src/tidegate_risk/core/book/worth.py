"""What the held positions are worth at the newest closes, kept from one look to the next.

All of it follows from holdings and prices, so it is no part of the state. After a fill, a bar or a
description the listings that it has touched are valued anew when somebody looks. The order is that
of the positions and every sum goes over all of them: each figure is the one that a new count gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
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


class _Valued(NamedTuple):
    """One position, and the quantity and price that it was valued by."""

    quantity: Decimal
    price: Decimal | None
    value: Decimal
    extremes: Extremes
    size: Decimal


class Worth:
    """The held positions in money. What it returns belongs to it: copy before changing."""

    def __init__(self, holdings: Holdings, market: Market) -> None:
        self._holdings = holdings
        self._market = market
        self._version: tuple[int, int] | None = None
        self._described = -1
        self._valued: dict[str, _Valued] = {}
        self._values: dict[str, Decimal] = {}
        self._extremes: dict[str, Extremes] = {}
        self._sizes: dict[str, Decimal] = {}
        self._floats: dict[str, float] | None = None
        self._members: dict[object, tuple[str, ...]] | None = None
        self._sums: dict[object, Decimal] = {}
        self._equity = ZERO
        self._short = ZERO
        self._mark = object()
        self._layout = object()
        self._is_priced = True

    @property
    def mark(self) -> object:
        """An object that is another one as soon as anything of this may have changed."""
        self._look()
        return self._mark

    @property
    def layout(self) -> object:
        """An object that is another one once other listings are held, or one is described anew."""
        self._look()
        return self._layout

    @property
    def equity(self) -> Decimal:
        """Cash and positions."""
        self._look()
        return self._equity

    @property
    def is_priced(self) -> bool:
        """Whether everything that is held has a price above zero."""
        self._look()
        return self._is_priced

    @property
    def values(self) -> dict[str, Decimal]:
        """The signed value of every position; zero where there is no price."""
        self._look()
        return self._values

    @property
    def extremes(self) -> dict[str, Extremes]:
        """The same as extremes, which are equal while no order is open."""
        self._look()
        return self._extremes

    @property
    def sizes(self) -> dict[str, Decimal]:
        """The same without its sign."""
        self._look()
        return self._sizes

    @property
    def floats(self) -> dict[str, float]:
        """The values for estimates."""
        self._look()
        if self._floats is None:
            self._floats = {listing: float(value) for listing, value in self._values.items()}
        return self._floats

    @property
    def short(self) -> Decimal:
        """What it would cost to buy back everything that is sold short."""
        self._look()
        return self._short

    @property
    def net(self) -> Decimal:
        """The sum of the values."""
        return self._sum("net", self.values)

    @property
    def gross(self) -> Decimal:
        """The sum of the sizes."""
        return self._sum("gross", self.sizes)

    def gross_of(self, kind: object) -> Decimal:
        """Return the sum of the sizes of one base currency, or of one class of assets."""
        self._look()
        known = self._sums.get(kind)
        if known is None:
            sizes = self._sizes
            members = self._members_by_kind().get(kind, ())
            known = self._sums[kind] = sum([sizes[each] for each in members], ZERO)
        return known

    def _sum(self, name: str, amounts: dict[str, Decimal]) -> Decimal:
        key = (name,)
        known = self._sums.get(key)
        if known is None:
            known = self._sums[key] = sum(amounts.values(), ZERO)
        return known

    def _members_by_kind(self) -> dict[object, tuple[str, ...]]:
        if self._members is None:
            found: dict[object, list[str]] = {}
            for listing in self._values:
                instrument = self._market.instruments.get(listing)
                if instrument is not None:
                    for kind in (instrument.base_currency, instrument.asset_class):
                        found.setdefault(kind, []).append(listing)
            self._members = {kind: tuple(listings) for kind, listings in found.items()}
        return self._members

    def _look(self) -> None:
        """Value anew what has changed since the last look."""
        holdings, market = self._holdings, self._market
        version = (holdings.fills_count, market.moves)
        if version == self._version:
            return
        self._version = version
        before, price_of = self._valued, market.price_of
        valued: dict[str, _Valued] = {}
        self._is_priced = True
        short = ZERO
        for listing, quantity in holdings.positions.items():
            known, price = before.get(listing), price_of(listing)
            if known is None or known[0] is not quantity or known[1] is not price:
                value = quantity * (price or ZERO)
                known = _Valued(quantity, price, value, Extremes(value, value), abs(value))
            valued[listing] = known
            if quantity < 0:
                short -= known[2]
            if price is None or price <= 0:
                self._is_priced, self._version = False, None
        if self._described != market.described or valued.keys() != before.keys():
            self._members, self._layout = None, object()
            self._described = market.described
        self._valued = valued
        self._values = {listing: each[2] for listing, each in valued.items()}
        self._extremes = {listing: each[3] for listing, each in valued.items()}
        self._sizes = {listing: each[4] for listing, each in valued.items()}
        self._floats, self._sums, self._mark = None, {}, object()
        self._equity, self._short = sum(self._values.values(), holdings.cash), short
