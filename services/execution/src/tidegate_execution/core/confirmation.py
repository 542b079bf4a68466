"""What a person asks after a kill: is it stored here, and is anything still open?"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from tidegate_execution.core.flattening import left_to_close
from tidegate_execution.core.gatekeeping import is_restricted, restricted_scopes, worst_level
from tidegate_kernel.gate import Level

if TYPE_CHECKING:
    from tidegate_execution.core.turn import Turn


class LatchStanding(Enum):
    """How a machine stands to a latch."""

    UNKNOWN = "unknown"
    HELD = "held"
    ENDED = "ended"


class Confirmation(msgspec.Struct, frozen=True):
    """The gate as one execution shard holds it."""

    shard: str
    session: str
    level: Level
    levels: dict[str, Level]
    gate_epoch: int
    # Ours, or more if the venue showed more; the gate's own closing orders are counted apart.
    open_orders: int
    closing_orders: int
    # Holdings of a strategy in a symbol that a flattening still has to close.
    holdings_to_close: int
    # The venue has shown that nothing is open in the gated scopes.
    confirmed: bool
    reconciled: bool
    problem: str
    latches: tuple[str, ...]


def confirm(turn: Turn) -> Confirmation:
    """Read the confirmation off the state."""
    state = turn.state
    orders = list(state.orders.values())
    closing = [order for order in orders if order.flattens]
    return Confirmation(
        shard=turn.parameters.shard,
        session=turn.parameters.session,
        level=worst_level(turn),
        levels=restricted_scopes(turn),
        gate_epoch=state.gate.epoch,
        open_orders=max(len(orders) - len(closing), state.sweep.venue_open),
        closing_orders=len(closing),
        holdings_to_close=len(left_to_close(turn)),
        confirmed=is_restricted(turn) and state.sweep.confirmed,
        reconciled=state.reconciliation.reconciled,
        problem=state.reconciliation.problem,
        latches=tuple(state.gate.latches),
    )
