"""Worst-case exposure with and without a proposed order. Never netted: see ``valuation``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_risk.core.question import Proposal


def symbol_exposure(proposal: Proposal) -> Decimal:
    """Return the symbol's worst-case exposure if the order were approved."""
    question = proposal.question
    quantity = question.book.worst_quantity(question.listing, proposal.buys, proposal.sells)
    return quantity * _valued_at(proposal)


def symbol_exposure_before(proposal: Proposal) -> Decimal:
    """Return the symbol's worst-case exposure without the order."""
    question = proposal.question
    return question.book.worst_quantity(question.listing) * _valued_at(proposal)


def gross_exposure(proposal: Proposal) -> Decimal:
    """Return the sum over all symbols if the order were approved."""
    return gross_exposure_elsewhere(proposal) + symbol_exposure(proposal)


def gross_exposure_elsewhere(proposal: Proposal) -> Decimal:
    """Return the sum over all other symbols."""
    book = proposal.question.book
    return sum(
        (
            book.worst_quantity(listing) * (book.market.price_of(listing) or ZERO)
            for listing in book.exposed_listings()
            if listing != proposal.question.listing
        ),
        ZERO,
    )


def unpriced_listings(proposal: Proposal) -> list[str]:
    """Return the listings that are exposed and have no price."""
    book = proposal.question.book
    return [each for each in book.exposed_listings() if book.market.price_of(each) is None]


def _valued_at(proposal: Proposal) -> Decimal:
    newest = proposal.question.price
    return proposal.price if newest is None else max(proposal.price, newest)
