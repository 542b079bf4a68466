"""A command as the signal that the rules are asked about.

The position is that of the strategy `manual`, or of a strategy of the session whose position is
closed. An order that only reduces asks for FLAT, any other for LONG or SHORT; one with legs for
LONG of its underlying, whose own rules it obeys too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import OrderType, Side, TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle, Signal
from tidegate_risk.core.book.market import listing_of
from tidegate_risk.core.sizing.target import closable

if TYPE_CHECKING:
    from tidegate_contracts.risk import PlaceOrder
    from tidegate_risk.core.decision.state import DecisionState
    from tidegate_risk.core.parameters import DecisionParameters

MODEL = "manual"
FIRST_ORDINAL = 1_000_000_000
"""No strategy sends so many signals of one moment, so no order by hand has a signal's key."""

STYLES = {
    OrderType.MARKET: EntryStyle.MARKET,
    OrderType.LIMIT: EntryStyle.LIMIT,
    OrderType.STOP: EntryStyle.STOP,
    OrderType.STOP_LIMIT: EntryStyle.STOP_LIMIT,
}


def signal_of(
    command: PlaceOrder, parameters: DecisionParameters, state: DecisionState, now_ns: int
) -> Signal:
    """Return what a strategy that wanted this order would have said now."""
    price = state.book.market.price_of(listing_of(command.venue, command.symbol))
    if command.legs:
        # Its net price may be negative, and its life is judged with its legs.
        command = msgspec.structs.replace(
            command,
            order_type=OrderType.MARKET,
            limit_price=None,
            time_in_force=TimeInForce.UNSPECIFIED,
        )
    return Signal(
        session=command.session,
        strategy=command.strategy,
        feed=parameters.feed,
        venue=command.venue,
        symbol=command.symbol,
        event_at_ns=now_ns,
        ordinal=FIRST_ORDINAL + state.placed.count,
        direction=_direction(command, state),
        strength=1.0,
        confidence=1.0,
        entry_style=STYLES.get(command.order_type, EntryStyle.UNSPECIFIED),
        # Without any price the answer is PRICE_MISSING, whatever stands here.
        reference_price=price or command.limit_price or command.trigger_price or command.quantity,
        limit_price=command.limit_price,
        trigger_price=command.trigger_price,
        time_in_force=command.time_in_force,
        valid_for_ns=command.valid_for_ns,
        post_only=command.post_only,
        extended_hours=command.extended_hours,
        model_version=MODEL,
        reasons=(command.reason,),
    )


def _direction(command: PlaceOrder, state: DecisionState) -> Direction:
    """Return FLAT for what only reduces: because it must, or because it can do nothing else."""
    if command.legs:
        return Direction.FLAT if command.reduce_only else Direction.LONG
    listing = listing_of(command.venue, command.symbol)
    side, most = closable(state.book, command.strategy, listing)
    fits = command.quantity.is_finite() and 0 < command.quantity <= most
    if command.reduce_only or (command.side == side and fits):
        return Direction.FLAT
    return Direction.LONG if command.side == Side.BUY else Direction.SHORT
