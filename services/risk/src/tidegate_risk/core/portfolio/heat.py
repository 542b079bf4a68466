"""Portfolio heat: what would be lost if every stop were hit, from today's prices.

An approved entry leaves its stop: the price at which its position would be given up. What a
strategy holds in a listing, with its open entries, would lose the distance from the newest close to
that stop; nothing once the price has passed the stop's level to the good side of the entry (a stop
beyond the price no longer measures anything, and then counts like no stop at all). Where there is
no stop, a declared share of the value is taken for it.

The figure of 6 % for all open positions, beside 2 % for one, is A. Elder's, Come into My Trading
Room (2002).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.money import ZERO
from tidegate_risk.core.book.holdings import signed

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_risk.core.book.book import Book
    from tidegate_risk.core.question import Proposal

Stops = dict[str, "Decimal"]
"""The stop price of each strategy's position in a listing, by ``strategy|listing``."""


def share_of(strategy: str, listing: str) -> str:
    """Name a strategy's position in a listing."""
    return f"{strategy}|{listing}"


def stop_of(proposal: Proposal) -> Decimal | None:
    """Return the stop of an entry: its order's, else the one that its signal wishes."""
    wished, stop = proposal.question.signal.stop_distance, proposal.specification.stop_price
    if stop is not None or wished is None:
        return stop
    return proposal.price - wished if proposal.buys else proposal.price + wished


def heat_of(book: Book, stops: Stops, assumed_fraction: Decimal) -> Decimal:
    """Return the sum of all positions' risk to their stops, in the session's currency."""
    total = ZERO
    for share, quantity in _quantities(book).items():
        price = book.market.price_of(share.partition("|")[2]) or ZERO
        total += abs(quantity) * distance(price, quantity, stops.get(share), assumed_fraction)
    return total


class Heat:
    """The same sum, kept from one look to the next: only what has changed is measured anew."""

    def __init__(self, stops: Stops) -> None:
        self._stops = stops
        self._touched: dict[str, None] = {}
        self._seen: tuple[object, Decimal] | None = None
        self._heats: dict[str, Decimal] = {}
        self._total: Decimal | None = None

    def touch(self, share: str) -> None:
        """Note that the stop of a share changes."""
        self._touched[share] = None

    def of(self, book: Book, assumed_fraction: Decimal) -> Decimal:
        """Return what `heat_of` returns."""
        owned, seen = book.holdings.owned, (book.worth, assumed_fraction)
        if seen != self._seen:
            self._seen, self._total = seen, None
            self._touched.update(dict.fromkeys(owned))
            self._heats = dict.fromkeys(owned, ZERO)
        for share in self._touched:
            if share in owned:
                self._heats[share] = self._of(book, share, owned[share], assumed_fraction)
                self._total = None
        self._touched.clear()
        if self._total is None:
            self._total = sum(self._heats.values(), ZERO)
        total = self._total
        for share, quantity in _entries(book).items():
            after = self._of(book, share, owned.get(share, ZERO) + quantity, assumed_fraction)
            total += after - self._heats.get(share, ZERO)
        return total

    def _of(self, book: Book, share: str, quantity: Decimal, assumed: Decimal) -> Decimal:
        price = book.market.price_of(share.partition("|")[2]) or ZERO
        return abs(quantity) * distance(price, quantity, self._stops.get(share), assumed)


def distance(
    price: Decimal, quantity: Decimal, stop: Decimal | None, assumed_fraction: Decimal
) -> Decimal:
    """Return what one unit of a position of this sign loses until its stop."""
    if stop is not None:
        lost = price - stop if quantity > 0 else stop - price
        if lost > 0:
            return lost
    return price * assumed_fraction


def _quantities(book: Book) -> dict[str, Decimal]:
    quantities = dict(book.holdings.owned)
    for share, added in _entries(book).items():
        quantities[share] = quantities.get(share, ZERO) + added
    return quantities


def _entries(book: Book) -> dict[str, Decimal]:
    """Return what open entry orders add to each share."""
    found: dict[str, Decimal] = {}
    for order in book.orders.by_id.values():
        if not order.reduce_only:
            share = share_of(order.strategy, order.listing)
            found[share] = found.get(share, ZERO) + signed(order.side, order.remaining)
    return found
