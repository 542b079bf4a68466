"""Mistakes of execution about orders that a person replaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_execution.core import closing, replacing
from tidegate_execution.core.held.holding import dispatch, warrant_anew
from tidegate_lab.simulate.mutants.mutant import Change, Mutant

if TYPE_CHECKING:
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.turn import Turn


def _send_whole(turn: Turn, order: Order) -> None:
    """Send a replacement whatever has become of the order that it replaces."""
    order.waits_for = []
    warrant_anew(turn, order)
    dispatch(turn, order)


MUTANTS = (
    Mutant(
        "replacement_forgets_what_has_filled",
        "what replaces an order is at most what is left of it",
        (Change(closing, "follow", _send_whole),),
    ),
    Mutant(
        "replacement_needs_no_approval",
        "what replaces an order is covered by its approval",
        (Change(replacing, "_increases", lambda *_: None),),
    ),
)
"""Those of replacing."""
