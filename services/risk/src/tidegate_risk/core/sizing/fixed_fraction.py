"""Fixed fraction: a position takes a fixed share of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


def quantity_by_fraction(equity: Decimal, fraction: Decimal, price: Decimal) -> Decimal:
    """Return ``fraction * equity / price``, not rounded."""
    return fraction * equity / price
