"""Matching, pure: which part of an order a bar fills, at which price.

The rules, in event time:

1. An order arrives at its cause plus the latency. A bar that starts before the arrival fills
   nothing, with one exception: a market order whose latency is shorter than the bar fills from
   the first bar that starts at or after its cause, and the slippage stands for the latency.
2. A market order fills at the open, worsened by the slippage.
3. A limit order whose limit is beyond the open fills at the open, as a taker. Otherwise it fills
   at its limit if the bar trades through it (touching is enough only if the rules say so), as a
   maker, in the bar's last nanosecond: only the bar's end proves it.
4. Prices are rounded to the tick against the order, and never beyond its limit.
5. IOC and FOK are decided by the open of the first bar that may fill them. FOK fills whole or not
   at all.
6. DAY orders live through the UTC day of the first bar that may fill them: with daily bars, that
   next bar. So a Friday's order lives on Monday's bar, and never dies over a weekend.
7. When a share of the volume bounds the fills, market orders come first, then the better limit,
   then the earlier arrival, then the client order id; buys and sells draw on the same share.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import msgspec

from tidegate_contracts.execution import (
    Liquidity,
    OrderSpecification,
    OrderType,
    Side,
    TimeInForce,
)
from tidegate_contracts.market import Bar, Instrument
from tidegate_execution.core.paper.parameters import MatchingRules
from tidegate_kernel.money import ZERO, round_down, to_decimal
from tidegate_kernel.time import NS_PER_DAY, day_of

BPS = Decimal(10_000)
_AT_ONCE = (TimeInForce.IOC, TimeInForce.FOK)


class RestingOrder(msgspec.Struct):
    """What matching knows of an open order."""

    specification: OrderSpecification
    caused_at_ns: int
    arrived_n: int
    remaining: Decimal
    # End of the day that a DAY order lives through; 0 until its first bar.
    day_ends_at_ns: int = 0


class Prices(msgspec.Struct, frozen=True, gc=False):
    """A bar in decimals, made only when an order looks at it."""

    start_ns: int
    end_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal
    tick_size: Decimal
    lot_size: Decimal


class Match(msgspec.Struct, frozen=True, gc=False):
    """A part of an order fills."""

    quantity: Decimal
    price: Decimal
    liquidity: Liquidity
    event_at_ns: int


def prices_of(bar: Bar, instrument: Instrument) -> Prices:
    """Turn a bar's integers into decimals, once."""
    scale = instrument.price_scale
    return Prices(
        bar.start_ns,
        bar.end_ns,
        to_decimal(bar.open, scale),
        to_decimal(bar.high, scale),
        to_decimal(bar.low, scale),
        to_decimal(bar.volume, instrument.size_scale),
        instrument.tick_size,
        instrument.lot_size,
    )


def in_priority(orders: Sequence[RestingOrder]) -> list[RestingOrder]:
    """Sort one symbol's orders as they draw on the bar's volume."""
    return sorted(orders, key=_priority)


def _priority(order: RestingOrder) -> tuple[int, Decimal, int, int, str]:
    specification = order.specification
    limit = specification.limit_price or ZERO
    better_first = -limit if specification.side == Side.BUY else limit
    return (
        0 if specification.order_type == OrderType.MARKET else 1,
        better_first,
        order.caused_at_ns,
        order.arrived_n,
        specification.client_order_id,
    )


def may_fill(order: RestingOrder, start_ns: int, end_ns: int, latency_ns: int) -> bool:
    """Tell whether a bar starts late enough for the order."""
    is_market = order.specification.order_type == OrderType.MARKET
    if is_market and latency_ns < end_ns - start_ns:
        return start_ns >= order.caused_at_ns
    return start_ns >= order.caused_at_ns + latency_ns


def volume_budget(prices: Prices, rules: MatchingRules) -> Decimal | None:
    """Return how much may fill from the bar; None when nothing bounds it."""
    if rules.volume_share == 0:
        return None
    return round_down(prices.volume * rules.volume_share, prices.lot_size)


def match(
    order: RestingOrder, prices: Prices, rules: MatchingRules, budget: Decimal | None
) -> Match | None:
    """Return what a bar that may fill the order fills of it."""
    quantity = order.remaining if budget is None else min(order.remaining, budget)
    if quantity <= 0:
        return None
    specification = order.specification
    if specification.time_in_force == TimeInForce.FOK and quantity < order.remaining:
        return None
    if specification.order_type == OrderType.MARKET:
        price = _worsened(prices, specification.side, rules.slippage_bps)
        return Match(quantity, price, Liquidity.TAKER, prices.start_ns)
    return _match_limit(specification, prices, rules, quantity)


def _match_limit(
    specification: OrderSpecification, prices: Prices, rules: MatchingRules, quantity: Decimal
) -> Match | None:
    limit = specification.limit_price
    assert limit is not None, "a limit order has a limit"
    side = specification.side
    if _is_through(side, prices.open, limit, touch=rules.touch_fills):
        price = to_tick_against(side, prices.open, prices.tick_size)
        return Match(quantity, price, Liquidity.TAKER, prices.start_ns)
    if specification.time_in_force in _AT_ONCE:
        return None
    extreme = prices.low if side == Side.BUY else prices.high
    if _is_through(side, extreme, limit, touch=rules.touch_fills):
        return Match(quantity, limit, Liquidity.MAKER, prices.end_ns - 1)
    return None


def _is_through(side: Side, traded: Decimal, limit: Decimal, *, touch: bool) -> bool:
    if traded == limit:
        return touch
    return traded < limit if side == Side.BUY else traded > limit


def _worsened(prices: Prices, side: Side, slippage_bps: Decimal) -> Decimal:
    sign = 1 if side == Side.BUY else -1
    price = prices.open * (1 + sign * slippage_bps / BPS)
    return to_tick_against(side, price, prices.tick_size)


def to_tick_against(side: Side, price: Decimal, tick_size: Decimal) -> Decimal:
    """Round to the tick: up for a buyer, down for a seller, but never to nothing."""
    rounding = ROUND_CEILING if side == Side.BUY else ROUND_FLOOR
    ticks = (price / tick_size).to_integral_value(rounding)
    return max(ticks, Decimal(1)) * tick_size


def is_decided_at_once(order: RestingOrder) -> bool:
    """Tell whether the first bar that may fill the order ends it."""
    return order.specification.time_in_force in _AT_ONCE


def begin_day(order: RestingOrder, start_ns: int) -> None:
    """The first bar that may fill a DAY order fixes the day that it lives through."""
    if order.specification.time_in_force == TimeInForce.DAY and order.day_ends_at_ns == 0:
        order.day_ends_at_ns = (day_of(start_ns) + 1) * NS_PER_DAY


def day_is_over(order: RestingOrder, at_ns: int) -> bool:
    """Tell whether a DAY order's day has ended by a time."""
    return 0 < order.day_ends_at_ns <= at_ns
