"""Matching, pure: what the prices of a bar do to one order, and which orders come first.

The rules, in event time:

1. An order arrives at its cause plus the latency. A bar that starts before the arrival fills
   nothing, with one exception: a market order whose latency is shorter than the bar fills from
   the first bar that starts at or after its cause, and the slippage stands for the latency.
2. A market order fills at the open, worsened by the slippage (`slippage`).
3. A limit order whose limit is beyond the open fills at the open, as a taker. Otherwise it fills
   at its limit if the bar trades through it (touching is enough only if the rules say so), as a
   maker, in the bar's last nanosecond: only the bar's end proves it.
4. Prices are rounded to the tick against the order, and never beyond its limit.
5. IOC and FOK are decided by the open of the first bar that may fill them. FOK fills whole or not
   at all. Stops take neither.
6. DAY orders live through the UTC day of the first bar that may fill them: with daily bars, that
   next bar. So a Friday's order lives on Monday's bar, and never dies over a weekend. GTD orders
   live until their date; of a bar that ends after it, only the open may fill them. Of an instrument
   that names its hours only bars with a moment in them fill orders, those with a moment in its
   extended hours also orders that ask for these; DAY orders live until the hours end that they may
   work in, and trailing triggers rest outside of the regular session.
7. A bar goes from its open to one extreme, the other, and its close (`paths`). By default each
   order meets the extreme first that is worse for it: of a stop and a target in one bar the stop.
8. A stop that the open has passed fills at the open, one that is reached inside the bar at its
   trigger, both worsened by the slippage; inside the bar in its last nanosecond. What the bar's
   volume did not fill of it is a market order from the next bar on.
9. A trailing stop begins with the open of its first bar; its trigger follows the best price that
   the path has reached. On the pessimistic path it meets the worse extreme with the trigger of the
   open, then the better one, and then the close.
10. A stop-limit is, once triggered, a limit order, which fills at once, as a taker and worsened by
    the slippage but never beyond its limit, if its limit is beyond the price that triggered it.
    Otherwise it rests; on the pessimistic path only the close may still fill it in the same bar.
11. A post-only order whose limit is beyond the open of its first bar is rejected. Later an open
    beyond the limit fills it at its limit, as a maker.
12. With the queue model ``volume`` a bar fills of a resting limit order at most what it traded
    beyond the limit, its volume taken to be spread evenly over its range: what traded at the limit
    filled those who stood ahead. What touches the limit then fills nothing.
13. When a share of the volume bounds the fills, the open comes before the extremes; at one point
    market orders come first, then stops, then limits; then the better limit, the earlier arrival,
    and the client order id. Buys and sells draw on the same share.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import Liquidity, OrderType, Side, TimeInForce
from tidegate_execution.core.paper.parameters import (
    IntrabarPath,
    MatchingRules,
    QueueModel,
)
from tidegate_execution.core.paper.paths import Phase, Prices, phase_of_extreme, price_at
from tidegate_execution.core.paper.resting import (
    RestingOrder,
    acts_as,
    ends_within,
    is_decided_at_once,
)
from tidegate_execution.core.paper.slippage import slippage_bps
from tidegate_execution.core.paper.triggers import follow, is_reached, trigger_of
from tidegate_kernel.money import ZERO, round_down

if TYPE_CHECKING:
    from collections.abc import Sequence

BPS = Decimal(10_000)
_OPEN = (Phase.OPEN,)
_WHOLE = tuple(Phase)
_STOP_FIRST, _LIMIT_LAST = (Phase.OPEN, Phase.FIRST), (Phase.OPEN, Phase.SECOND)
_RANKS = {OrderType.MARKET: 0, OrderType.LIMIT: 2}


class Offer(msgspec.Struct, frozen=True, gc=False):
    """What the market offers an order at a point of a bar."""

    price: Decimal
    liquidity: Liquidity
    event_at_ns: int
    # None: as much as the order wants.
    quantity_max: Decimal | None = None


class TakesLiquidity(msgspec.Struct, frozen=True, gc=False):
    """A post-only order would have been filled at once."""

    event_at_ns: int


def volume_budget(prices: Prices, rules: MatchingRules) -> Decimal | None:
    """Return how much may fill from the bar; None when nothing bounds it."""
    if rules.volume_share == 0:
        return None
    return round_down(prices.volume * rules.volume_share, prices.lot_size)


def phases_of(order: RestingOrder, prices: Prices, rules: MatchingRules) -> Sequence[Phase]:
    """Return the points of a bar's path at which an order is to be looked at."""
    if order.specification.order_type == OrderType.MARKET:
        return _OPEN
    kind = acts_as(order)
    if kind == OrderType.MARKET or is_decided_at_once(order) or ends_within(order, prices.end_ns):
        return _OPEN
    if kind in (OrderType.STOP_LIMIT, OrderType.TRAILING_STOP):
        return _WHOLE
    side = order.specification.side
    low = (side == Side.BUY) == (kind == OrderType.LIMIT)
    if rules.intrabar_path == IntrabarPath.PESSIMISTIC:
        return _LIMIT_LAST if kind == OrderType.LIMIT else _STOP_FIRST
    return Phase.OPEN, phase_of_extreme(rules.intrabar_path, prices, side, low=low)


def priority(order: RestingOrder, phase: Phase) -> tuple[int, int, Decimal, int, int, str]:
    """Return the place of an order among those that a bar's point may fill; the least is first."""
    specification = order.specification
    limit = specification.limit_price or ZERO
    return (
        phase,
        _RANKS.get(acts_as(order), 1),
        -limit if specification.side == Side.BUY else limit,
        order.caused_at_ns,
        order.arrived_n,
        specification.client_order_id,
    )


def visit(
    order: RestingOrder, prices: Prices, rules: MatchingRules, phase: Phase
) -> Offer | TakesLiquidity | None:
    """Let a bar that may fill an order reach one of its points; a stop may be triggered there."""
    kind = order.specification.order_type
    if kind == OrderType.MARKET:
        return _at_market(order, prices, rules, phase)
    if kind == OrderType.LIMIT:
        return _at_limit(order, prices, rules, phase)
    if not order.triggered_at_ns:
        return _at_trigger(order, prices, rules, phase)
    if kind == OrderType.STOP_LIMIT:
        return _at_limit(order, prices, rules, phase)
    return _at_market(order, prices, rules, phase)


def _at_market(
    order: RestingOrder, prices: Prices, rules: MatchingRules, phase: Phase
) -> Offer | None:
    if phase != Phase.OPEN:
        return None
    price = _worsened(order, prices.open, prices, rules)
    return Offer(price, Liquidity.TAKER, prices.start_ns)


def _at_limit(
    order: RestingOrder, prices: Prices, rules: MatchingRules, phase: Phase
) -> Offer | TakesLiquidity | None:
    specification = order.specification
    limit, side = specification.limit_price, specification.side
    assert limit is not None, "a limit order has a limit"
    if phase == Phase.SECOND and _is_unproven(order, prices, rules):
        return None
    traded = price_at(rules.intrabar_path, prices, side, phase)
    is_first = specification.post_only and not order.began_at_ns
    if is_first:
        order.began_at_ns = prices.start_ns
    if not _is_through(side, traded, limit, touch=rules.touch_fills):
        return None
    if phase != Phase.OPEN:
        return _rested(order, limit, prices, rules)
    if is_first:
        return TakesLiquidity(prices.start_ns)
    if specification.post_only:
        return Offer(limit, Liquidity.MAKER, prices.start_ns)
    price = to_tick_against(side, prices.open, prices.tick_size)
    return Offer(price, Liquidity.TAKER, prices.start_ns)


def _rested(
    order: RestingOrder, limit: Decimal, prices: Prices, rules: MatchingRules
) -> Offer | None:
    """Offer an order at its limit all it wants, or once what a bar traded beyond the limit."""
    if rules.queue == QueueModel.NONE:
        return Offer(limit, Liquidity.MAKER, prices.end_ns - 1)
    if order.queued_until_ns == prices.end_ns:
        return None
    order.queued_until_ns = prices.end_ns
    is_buy = order.specification.side == Side.BUY
    beyond = limit - prices.low if is_buy else prices.high - limit
    span = prices.high - prices.low
    reached = round_down(prices.volume * beyond / span, prices.lot_size) if span else ZERO
    return Offer(limit, Liquidity.MAKER, prices.end_ns - 1, reached)


def _is_unproven(order: RestingOrder, prices: Prices, rules: MatchingRules) -> bool:
    """Tell whether the better extreme may have come before the stop was triggered."""
    is_pessimistic = rules.intrabar_path == IntrabarPath.PESSIMISTIC
    return is_pessimistic and order.triggered_at_ns == prices.end_ns - 1


def _at_trigger(
    order: RestingOrder, prices: Prices, rules: MatchingRules, phase: Phase
) -> Offer | None:
    specification, trigger = order.specification, trigger_of(order)
    side, limit = specification.side, specification.limit_price
    traded = price_at(rules.intrabar_path, prices, side, phase)
    if trigger is None or not is_reached(side, traded, trigger):
        follow(order, traded)
        return None
    market = traded if phase == Phase.OPEN else trigger
    at_ns = prices.start_ns if phase == Phase.OPEN else prices.end_ns - 1
    order.triggered_at_ns = at_ns
    price = _worsened(order, market, prices, rules)
    if limit is not None:
        if not _is_through(side, market, limit, touch=rules.touch_fills):
            return None
        price = min(price, limit) if side == Side.BUY else max(price, limit)
    return Offer(price, Liquidity.TAKER, at_ns)


def quantity_of(order: RestingOrder, offer: Offer, budget: Decimal | None) -> Decimal:
    """Return how much of an order fills where the market offers something."""
    quantity = order.remaining if budget is None else min(order.remaining, budget)
    if offer.quantity_max is not None:
        quantity = min(quantity, offer.quantity_max)
    if order.specification.time_in_force == TimeInForce.FOK and quantity < order.remaining:
        return ZERO
    return quantity


def _is_through(side: Side, traded: Decimal, limit: Decimal, *, touch: bool) -> bool:
    if traded == limit:
        return touch
    return traded < limit if side == Side.BUY else traded > limit


def _worsened(
    order: RestingOrder, market: Decimal, prices: Prices, rules: MatchingRules
) -> Decimal:
    side, worse_bps = order.specification.side, rules.slippage_bps
    if prices.before:
        worse_bps = slippage_bps(rules, prices.before, order.remaining, prices.size_scale)
    sign = 1 if side == Side.BUY else -1
    price = market * (1 + sign * worse_bps / BPS)
    return to_tick_against(side, price, prices.tick_size)


def to_tick_against(side: Side, price: Decimal, tick_size: Decimal) -> Decimal:
    """Round to the tick: up for a buyer, down for a seller, but never to nothing."""
    rounding = ROUND_CEILING if side == Side.BUY else ROUND_FLOOR
    ticks = (price / tick_size).to_integral_value(rounding)
    return max(ticks, Decimal(1)) * tick_size
