"""A choice: a stop and a target in one order, of which the venue lets only one fill.

It is a LIMIT at the target that has a ``trigger_price`` too: the stop's. Only execution makes one,
for what it protects; an approved LIMIT has no trigger (`order_form`). It is one order with one id
and one quantity: what the stop or the target fills is filled of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderType

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderSpecification


def is_choice(specification: OrderSpecification) -> bool:
    """Tell whether an order is a stop and a target at once."""
    limited = specification.order_type == OrderType.LIMIT
    return limited and specification.trigger_price is not None
