"""What an approved order with legs keeps back: each leg as an open order of its own listing.

The worst case is never netted: a leg that is bought may fill, and one that is sold may fill. What
the structure can lose beyond what its legs cost is kept back with its first leg.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderState
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.execution import OrderEvent

ENDED = frozenset(
    {OrderState.FILLED, OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED}
)


def leg_key(client_order_id: str, symbol: str) -> str:
    """Return the id under which one leg of an order is open."""
    return f"{client_order_id}|{symbol}"


def booked_of(event: OrderEvent, symbol: str) -> Decimal:
    """Return what an event says is booked of a leg."""
    told = (each.filled_quantity for each in event.legs_filled if each.symbol == symbol)
    return next(told, ZERO)
