"""The parts of an order by hand with legs: what belongs to it, and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderType, Side, TimeInForce
from tidegate_kernel.structures import faults_of
from tidegate_risk.core.structures.judging import legs_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_contracts.risk import PlaceOrder
    from tidegate_risk.core.slicing import Judged

TYPES = (OrderType.MARKET, OrderType.LIMIT)
LIVES = (TimeInForce.UNSPECIFIED, TimeInForce.DAY, TimeInForce.GTC)
LEFT_OUT = (
    "trigger_price",
    "trail_amount",
    "trail_percent",
    "valid_for_ns",
    "post_only",
    "extended_hours",
    "stop_price",
    "take_profit_price",
    "algorithm",
)


def parts(command: PlaceOrder) -> Iterator[Judged]:
    """Judge legs, type, price and life; everything else is left out, by its name."""
    faults = faults_of(legs_of(command.legs), command.symbol)
    for fault in faults:
        expected, _, found = fault.partition(", found ")
        yield "legs:", found, expected.removeprefix("expected "), False
    bought = command.side == Side.BUY
    yield "side", command.side, "BUY with legs, which have sides of their own", bought
    kind, limit, lives = command.order_type, command.limit_price, command.time_in_force
    yield "order_type", kind, "MARKET or LIMIT with legs", kind in TYPES
    if kind == OrderType.LIMIT:
        finite = limit is not None and limit.is_finite()
        yield "limit_price", limit, "the net price of a structure, of any sign", finite
    else:
        yield "limit_price", limit, f"to be left out for {kind.name}", limit is None
    yield "time_in_force", lives, "DAY or GTC with legs", lives in LIVES
    for name in LEFT_OUT:
        value = getattr(command, name)
        yield name, value, "to be left out with legs", not value
