"""What is remembered of a sliced order: its parent's place in the book is a normal order's.

The parent is `WORKING` while it is sliced, never sent, and filled by what its slices fill.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_execution.core.orders.changes import change
from tidegate_execution.core.orders.lifecycle import OrderInput
from tidegate_execution.core.orders.order import Ending, Occasion
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from tidegate_contracts.execution import ExecutionAlgorithm, VenueExecution
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.turn import Turn


class Slicing(msgspec.Struct):
    """How far a sliced order has come; times are session times."""

    started_at_ns: int
    # From then on no slice is sent; 0 = the algorithm knows no such time.
    ends_at_ns: int
    # The newest slice; empty before the first, and once its end was taken.
    slice_id: str = ""
    # Of VWAP: what the bars so far allow to be taken.
    allowed: Decimal = ZERO
    # Slices that were given up without a proof: what they had left may still fill.
    lost: list[str] = []
    # Slices in a row that ended unfilled without a reason of ours, and when the next may follow.
    failures: int = 0
    retry_at_ns: int = 0
    # What its timer is set for.
    wakes_at_ns: int = 0


def algorithm_of(order: Order) -> ExecutionAlgorithm:
    """Return how an order is sliced."""
    algorithm = order.specification.algorithm
    assert algorithm is not None, "only sliced orders are asked"
    return algorithm


def start(turn: Turn, order: Order) -> None:
    """Begin to slice an order that was approved; its approval was in time now."""
    algorithm = algorithm_of(order)
    ends_at_ns = turn.now_ns + algorithm.duration_ns if algorithm.duration_ns else 0
    turn.state.slicings[order.client_order_id] = Slicing(turn.now_ns, ends_at_ns)
    order.warrant = msgspec.structs.replace(order.warrant, expires_at_ns=0)
    reason = f"sliced by execution: {algorithm.kind.name}"
    change(turn, order, OrderInput.HOLD, Occasion(turn.now_ns, "", reason))


def note_ending(turn: Turn, order: Order, event: OrderInput, code: str, reason: str) -> None:
    """Let a sliced order end as soon as its slice has; the first reason counts."""
    if order.ending is None:
        order.ending = Ending(event, Occasion(turn.now_ns, code, reason), order.filled_quantity)


def taken(turn: Turn, order: Order, slicing: Slicing) -> Decimal:
    """Return what the ended slices of an order have filled, or may still fill."""
    lost = (turn.state.find(each) for each in slicing.lost)
    return order.filled_quantity + sum((each.remaining for each in lost if each), ZERO)


def fill_parent(turn: Turn, order: Order, execution: VenueExecution) -> Order:
    """Fill a slice's parent with what was just booked; return the order that was approved.

    Without a parent that is the order itself.
    """
    parent = turn.state.find(order.parent) if order.parent else None
    if parent is None:
        return order
    parent.execution_ids.append(execution.execution_id)
    parent.filled_quantity += execution.quantity
    parent.reported_quantity = parent.filled_quantity
    return parent
