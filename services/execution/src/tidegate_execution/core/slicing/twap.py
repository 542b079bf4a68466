"""TWAP: equal slices at equal times, the first at once.

What a slice has not filled is carried to the next: what counts is how much may have been taken by
now. (Almgren, Chriss 2000, "Optimal execution of portfolio transactions": the schedule of a trader
who minds the risk of waiting not at all.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_execution.core.slicing.plan import algorithm_of

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.slicing.plan import Slicing


def slices_begun(order: Order, slicing: Slicing, now_ns: int) -> int:
    """Return how many slices have begun, from 1 to all of them."""
    algorithm = algorithm_of(order)
    begun = (now_ns - slicing.started_at_ns) * algorithm.slices // algorithm.duration_ns + 1
    return min(begun, algorithm.slices)


def allowed(order: Order, slicing: Slicing, now_ns: int) -> Decimal:
    """Return how much may have been taken by now."""
    begun, all_of_them = slices_begun(order, slicing, now_ns), algorithm_of(order).slices
    quantity = order.specification.quantity
    return quantity if begun == all_of_them else quantity * begun / all_of_them


def next_at_ns(order: Order, slicing: Slicing, now_ns: int) -> int:
    """Return when the next slice begins, or when the last one ends."""
    algorithm = algorithm_of(order)
    begun = slices_begun(order, slicing, now_ns)
    passed_ns = -(-begun * algorithm.duration_ns // algorithm.slices)
    return slicing.started_at_ns + passed_ns
