"""An open order as matching knows it, and when bars may act on it."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_contracts.execution import OrderSpecification, OrderType, TimeInForce
from tidegate_kernel.time import NS_PER_DAY, day_of

AT_ONCE = (TimeInForce.IOC, TimeInForce.FOK)
_NEVER_TRIGGERED = (OrderType.MARKET, OrderType.LIMIT)


class RestingOrder(msgspec.Struct):
    """What matching knows of an open order."""

    specification: OrderSpecification
    caused_at_ns: int
    arrived_n: int
    remaining: Decimal
    # End of the day that a DAY order lives through; 0 until its first bar.
    day_ends_at_ns: int = 0
    # Event time at which a stop was triggered; 0 until then, and of other orders.
    triggered_at_ns: int = 0
    # Of a trailing stop: the best price since its first bar's open; None before it.
    best_price: Decimal | None = None
    # Of a post-only order: start of the first bar that may fill it; 0 until then.
    began_at_ns: int = 0
    # With a queue: end of the last bar that offered it what traded beyond its limit.
    queued_until_ns: int = 0


def acts_as(order: RestingOrder) -> OrderType:
    """Return what an order is by now: a triggered stop is a market or a limit order."""
    kind = order.specification.order_type
    if kind in _NEVER_TRIGGERED or not order.triggered_at_ns:
        return kind
    return OrderType.LIMIT if kind == OrderType.STOP_LIMIT else OrderType.MARKET


def may_fill(order: RestingOrder, start_ns: int, end_ns: int, latency_ns: int) -> bool:
    """Tell whether a bar starts late enough for the order."""
    is_market = order.specification.order_type == OrderType.MARKET
    if is_market and latency_ns < end_ns - start_ns:
        return start_ns >= order.caused_at_ns
    return start_ns >= order.caused_at_ns + latency_ns


def is_decided_at_once(order: RestingOrder) -> bool:
    """Tell whether the first bar that may fill the order ends it."""
    return order.specification.time_in_force in AT_ONCE


def begin(order: RestingOrder, start_ns: int, closes_at_ns: int = 0) -> None:
    """Note the first bar that may fill an order, where it matters which that is.

    It fixes the day that a DAY order lives through: until the hours are over that the order may
    work in, or through the UTC day where no hours are known.
    """
    if order.specification.time_in_force == TimeInForce.DAY and order.day_ends_at_ns == 0:
        order.day_ends_at_ns = closes_at_ns or (day_of(start_ns) + 1) * NS_PER_DAY


def waits_for_first_bar(order: RestingOrder) -> bool:
    """Tell whether the first bar that may fill an order changes it, at whatever prices."""
    specification = order.specification
    if specification.time_in_force == TimeInForce.DAY and order.day_ends_at_ns == 0:
        return True
    if specification.order_type == OrderType.TRAILING_STOP:
        return order.best_price is None
    return specification.post_only and order.began_at_ns == 0


def ends_at_ns(order: RestingOrder) -> int:
    """Return the event time at which an order expires by itself; 0 = none, or not known yet."""
    if order.specification.time_in_force == TimeInForce.GTD:
        return order.specification.expires_at_ns
    return order.day_ends_at_ns


def is_over(order: RestingOrder, at_ns: int) -> bool:
    """Tell whether an order's day or date has come by a time."""
    return 0 < ends_at_ns(order) <= at_ns


def ends_within(order: RestingOrder, end_ns: int) -> bool:
    """Tell whether an order expires by its date before a bar's last nanosecond.

    Only the open of such a bar is known to lie before it.
    """
    return order.specification.time_in_force == TimeInForce.GTD and is_over(order, end_ns - 1)
