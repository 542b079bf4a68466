"""When a stop is triggered, and how the trigger of a trailing one follows the market."""

from __future__ import annotations

from decimal import Decimal

from tidegate_contracts.execution import OrderType, Side
from tidegate_execution.core.paper.resting import RestingOrder

PERCENT = Decimal(100)


def trigger_of(order: RestingOrder) -> Decimal | None:
    """Return the price at which a stop is triggered; None before a trailing one has begun."""
    specification = order.specification
    if specification.order_type != OrderType.TRAILING_STOP:
        return specification.trigger_price
    best = order.best_price
    if best is None:
        return None
    distance = specification.trail_amount
    if distance is None:
        assert specification.trail_percent is not None, "a trailing stop has a distance"
        distance = best * specification.trail_percent / PERCENT
    return best - distance if specification.side == Side.SELL else best + distance


def is_reached(side: Side, traded: Decimal, trigger: Decimal) -> bool:
    """Tell whether a price triggers: a buy at the trigger or above, a sell at it or below."""
    return traded >= trigger if side == Side.BUY else traded <= trigger


def follow(order: RestingOrder, traded: Decimal) -> None:
    """Let a trailing stop see a price that did not trigger it."""
    specification, best = order.specification, order.best_price
    if specification.order_type != OrderType.TRAILING_STOP:
        return
    if best is None or (traded > best if specification.side == Side.SELL else traded < best):
        order.best_price = traded
