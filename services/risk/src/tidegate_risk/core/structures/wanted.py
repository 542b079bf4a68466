"""An order with legs as it is asked for: by a person's command, or by a strategy's signal.

A person names the quantity, and the legs as they are to be traded. A strategy names the legs as it
wants to hold them: its quantity follows from what they may lose (`sizing`), and it leaves at the
market with every leg turned around.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tidegate_contracts.execution import OrderType, Side, TimeInForce
from tidegate_contracts.signals import Direction
from tidegate_risk.core.sizing.terms import TYPES

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.execution import OrderLeg
    from tidegate_contracts.risk import PlaceOrder
    from tidegate_contracts.signals import Signal

OTHER_SIDE = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}


class Wanted(NamedTuple):
    """What is asked for; without a quantity as much as the limits allow, or all that is held."""

    strategy: str
    venue: str
    symbol: str
    legs: tuple[OrderLeg, ...]
    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    quantity: Decimal | None = None


def wanted_by(signal: Signal, placed: PlaceOrder | None) -> Wanted:
    """Return what a person has placed, or else what a strategy's signal asks for."""
    if placed is not None:
        return Wanted(
            placed.strategy,
            placed.venue,
            placed.symbol,
            placed.legs,
            placed.order_type,
            placed.limit_price,
            placed.time_in_force or TimeInForce.GTC,
            placed.quantity,
        )
    if signal.direction == Direction.FLAT:
        return Wanted(signal.strategy, signal.venue, signal.symbol, turned(signal.legs))
    return Wanted(
        signal.strategy,
        signal.venue,
        signal.symbol,
        signal.legs,
        TYPES[signal.entry_style],
        signal.limit_price,
        signal.time_in_force or TimeInForce.GTC,
    )


def turned(legs: tuple[OrderLeg, ...]) -> tuple[OrderLeg, ...]:
    """Return the legs that close these."""
    return tuple(msgspec.structs.replace(leg, side=OTHER_SIDE[leg.side]) for leg in legs)
