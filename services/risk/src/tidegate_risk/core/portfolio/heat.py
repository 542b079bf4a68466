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
    for order in book.orders.by_id.values():
        if not order.reduce_only:
            share = share_of(order.strategy, order.listing)
            added = signed(order.side, order.remaining)
            quantities[share] = quantities.get(share, ZERO) + added
    return quantities
