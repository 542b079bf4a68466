"""Iceberg: a limit order of which only a part is open at a time; when that has filled, the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_execution.core.slicing.plan import algorithm_of

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_execution.core.orders.order import Order


def allowed(order: Order, taken: Decimal) -> Decimal:
    """Return how much may be taken: what is, and what may be seen."""
    display = algorithm_of(order).display_quantity
    assert display is not None, "an iceberg shows something; see order_form"
    return taken + display
