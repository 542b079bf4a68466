"""Fixed fraction: a position takes a fixed share of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.sizing.entry import Entry, Offer

if TYPE_CHECKING:
    from decimal import Decimal


def offer(entry: Entry) -> Offer:
    """Offer ``position_fraction`` of equity."""
    question = entry.question
    fraction = question.limits.position_fraction
    return Offer(
        "quantity_by_fraction", quantity_by_fraction(question.equity, fraction, entry.price)
    )


def quantity_by_fraction(equity: Decimal, fraction: Decimal, price: Decimal) -> Decimal:
    """Return ``fraction * equity / price``, not rounded."""
    return fraction * equity / price
