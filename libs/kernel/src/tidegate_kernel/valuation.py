"""What a book is worth: one place for marks, profit and worst-case exposure."""

from __future__ import annotations

from decimal import Decimal

from tidegate_kernel.money import ZERO


def unrealized_pnl(quantity: Decimal, average_cost: Decimal, mark: Decimal) -> Decimal:
    """Return the profit of a signed position if it were closed at ``mark``."""
    return quantity * (mark - average_cost)


def worst_case_quantity(position: Decimal, open_buys: Decimal, open_sells: Decimal) -> Decimal:
    """Return the largest absolute position that open orders could lead to; never netted.

    ``position``, and the open quantities (both >= 0) of all buys and of all sells.
    """
    return max(abs(position + open_buys), abs(position - open_sells))


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
