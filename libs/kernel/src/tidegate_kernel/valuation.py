"""What a fill makes of a position at average cost."""

from __future__ import annotations

from decimal import Decimal

from tidegate_kernel.money import ZERO


def apply_fill(
    quantity: Decimal, average_cost: Decimal, fill_quantity: Decimal, price: Decimal
) -> tuple[Decimal, Decimal, Decimal]:
    """Book a signed fill at average cost.

    Returns the new signed quantity, the new average cost (0 when flat) and the realised profit
    before fees. A fill through zero closes the old position and opens the rest at ``price``.
    """
    after = quantity + fill_quantity
    if quantity == 0 or (quantity > 0) == (fill_quantity > 0):
        total = quantity * average_cost + fill_quantity * price
        return after, total / after, ZERO
    closed = min(abs(fill_quantity), abs(quantity))
    sign = 1 if quantity > 0 else -1
    realized = closed * (price - average_cost) * sign
    if after == 0:
        return ZERO, ZERO, realized
    if (after > 0) == (quantity > 0):
        return after, average_cost, realized
    return after, price, realized
