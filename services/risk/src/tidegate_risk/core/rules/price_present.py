"""The order, and everything that is held, can be valued."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code, Refused

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse while the symbol, or any exposed symbol, has no price above zero."""
    book = question.book
    exposed = (
        book.orders.entry_listings() if question.worth.is_priced else question.exposed_listings
    )
    for listing in (question.listing, *exposed):
        price = book.market.price_of(listing)
        if price is None or price <= 0:
            return Refused(
                code=Code.PRICE_MISSING,
                expected=f"a price above 0 of {listing.partition('|')[2]}",
                found="none" if price is None else str(price),
                remedy="it passes after the symbol's next bar",
            )
    return None
