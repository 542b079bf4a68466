"""What a person asks after a kill: is it stored here, and is anything still open?"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from tidegate_execution.core.flattening import left_to_close
from tidegate_execution.core.gatekeeping import is_restricted, restricted_scopes, worst_level
from tidegate_kernel.gate import Level
from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from tidegate_execution.core.state import Asked
    from tidegate_execution.core.turn import Turn


class LatchStanding(Enum):
    """How a machine stands to a latch."""

    UNKNOWN = "unknown"
    HELD = "held"
    ENDED = "ended"


class AdjustmentRequest(msgspec.Struct, frozen=True):
    """What one principal wants to book away, and until when another may approve it."""

    request_id: str
    principal: str
    reason: str
    symbol: str
    quantity: str
    cash: str
    expires_at_ns: int


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
    # By symbol: what was expected and what the venue holds; and how much more cash it has.
    differences: dict[str, dict[str, str]]
    cash_difference: str | None
    # Adjustments that wait for another principal.
    adjustments: tuple[AdjustmentRequest, ...]


def confirm(turn: Turn) -> Confirmation:
    """Read the confirmation off the state."""
    state = turn.state
    orders = list(state.orders.values())
    closing = [order for order in orders if order.flattens]
    cash = state.reconciliation.cash_difference
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
        differences={
            symbol: {"expected": plain(expected), "found": plain(found)}
            for symbol, (expected, found) in (state.reconciliation.differences or {}).items()
        },
        cash_difference=None if cash is None else plain(cash),
        adjustments=tuple(_request(*each) for each in state.adjustments.requests.items()),
    )


def _request(request_id: str, asked: Asked) -> AdjustmentRequest:
    wanted = asked.command
    return AdjustmentRequest(
        request_id,
        wanted.principal,
        wanted.reason,
        wanted.symbol,
        plain(wanted.quantity),
        plain(wanted.cash),
        asked.expires_at_ns,
    )
