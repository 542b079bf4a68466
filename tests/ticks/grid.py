"""The same orders against ticks and against bars, and how the fills differ.

At the end of every minute limit orders are placed on both sides, each for three minutes and none in
another's way: some from the last price outwards, as a strategy would, and some, with hindsight, at
and around the extremes of those minutes, where the queue decides. Beside them a market order buys
and another sells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from tidegate_contracts.execution import (
    OrderSpecification,
    OrderType,
    Side,
    SubmitOrder,
    TimeInForce,
)
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.core.paper.parameters import MatchingRules, PaperVenueParameters
from tidegate_execution.core.paper.ticks import TickOrder, match_ticks
from tidegate_kernel.machine import Called
from tidegate_kernel.money import round_to_scaled, to_decimal, to_scaled

from .capture import MINUTE_NS, PRICE_SCALE, SIZE_SCALE, VENUE, Capture

MINUTES = 3
STEPS_BPS = [Decimal(each) / 2 for each in range(41)]
BPS = Decimal(10_000)
PLENTY = Decimal(10) ** 12


class Filled(NamedTuple):
    """What became of an order: units, their mean price, and the time of the last of them."""

    quantity: int
    price: Decimal
    at_ns: int


class Compared(NamedTuple):
    """How bars differ from ticks over a grid of limit orders.

    ``worse_bps``: how much worse the price is by bars, the mean over orders that both fill.
    ``later_s``: by how much the last fill is later by bars, the median of those.
    """

    orders: int
    by_ticks: int
    by_bars: int
    both: int
    worse_bps: Decimal
    later_s: Decimal
    share_of_units: Decimal


def outwards(capture: Capture, quantity: int) -> list[TickOrder]:
    """Return limits from the last price outwards, up to 20 basis points away."""
    return [
        _order(bar.end_ns, side, round_to_scaled(bar.close * (1 + sign * step / BPS), 0), quantity)
        for bar in capture.bars[:-MINUTES]
        for side, sign in ((Side.BUY, -1), (Side.SELL, 1))
        for step in STEPS_BPS
    ]


def around_extremes(capture: Capture, quantity: int) -> list[TickOrder]:
    """Return limits from a tick beyond the extremes of the minutes ahead to five ticks inside."""
    orders = []
    for place, bar in enumerate(capture.bars[:-MINUTES]):
        ahead = capture.bars[place + 1 : place + 1 + MINUTES]
        low, high = min(each.low for each in ahead), max(each.high for each in ahead)
        for step in range(-1, 6):
            orders.append(_order(bar.end_ns, Side.BUY, low + step, quantity))
            orders.append(_order(bar.end_ns, Side.SELL, high - step, quantity))
    return orders


def _order(at_ns: int, side: Side, limit: int, quantity: int) -> TickOrder:
    name = f"{at_ns}-{side.name}-{limit}"
    return TickOrder(name, side, quantity, limit, at_ns, at_ns + MINUTES * MINUTE_NS)


def takers_of(capture: Capture, quantity: int) -> list[TickOrder]:
    """Return a market order of each side at the end of every minute but the last."""
    return [
        TickOrder(f"{bar.end_ns}-{side.name}", side, quantity, None, bar.end_ns)
        for bar in capture.bars[:-1]
        for side in (Side.BUY, Side.SELL)
    ]


def by_ticks(capture: Capture, orders: Sequence[TickOrder]) -> dict[str, Filled]:
    """Return what trades and quotes fill."""
    found: dict[str, list[tuple[int, int, int]]] = {}
    for fill in match_ticks(capture.ticks, orders):
        found.setdefault(fill.name, []).append((fill.quantity, fill.price, fill.at_ns))
    return {name: _filled(fills) for name, fills in found.items()}


def by_bars(
    capture: Capture, orders: Sequence[TickOrder], rules: MatchingRules
) -> dict[str, Filled]:
    """Return what the paper venue fills from bars; each order has a venue of its own."""
    told = PaperVenueParameters("ticks", "USDT", PLENTY, rules, negative_cash_allowed=True)
    found = {}
    for order in orders:
        venue = PaperVenueMachine.restore(told, None)
        venue.handle(capture.instrument, 0)
        for bar in capture.bars:
            venue.handle(bar, bar.end_ns)
            if order.arrives_at_ns == bar.end_ns:
                venue.handle(Called(order.name, _request(order, bar.symbol)), bar.end_ns)
        fills = [
            (to_scaled(e.quantity, SIZE_SCALE), to_scaled(e.price, PRICE_SCALE), e.event_at_ns)
            for e in venue.book.orders[order.name].executions
        ]
        if fills:
            found[order.name] = _filled(fills)
    return found


def _request(order: TickOrder, symbol: str) -> SubmitOrder:
    limited = order.limit is not None
    specification = OrderSpecification(
        client_order_id=order.name,
        venue=VENUE,
        symbol=symbol,
        side=order.side,
        order_type=OrderType.LIMIT if limited else OrderType.MARKET,
        quantity=to_decimal(order.quantity, SIZE_SCALE),
        limit_price=None if order.limit is None else to_decimal(order.limit, PRICE_SCALE),
        time_in_force=TimeInForce.GTD if order.ends_at_ns else TimeInForce.GTC,
        expires_at_ns=order.ends_at_ns,
    )
    return SubmitOrder(
        session="ticks", specification=specification, caused_at_ns=order.arrives_at_ns
    )


def _filled(fills: Sequence[tuple[int, int, int]]) -> Filled:
    quantity = sum(units for units, _, _ in fills)
    value = sum((Decimal(units) * price for units, price, _ in fills), Decimal(0))
    return Filled(quantity, value / quantity, fills[-1][2])


def compare(
    orders: Sequence[TickOrder], ticks: Mapping[str, Filled], bars: Mapping[str, Filled]
) -> Compared:
    """Count which orders each fills, and measure those that both do."""
    both = [each for each in orders if each.name in ticks and each.name in bars]
    worse = [worse_bps(each, bars[each.name], ticks[each.name].price) for each in both]
    later = sorted(bars[each.name].at_ns - ticks[each.name].at_ns for each in both)
    units = sum(each.quantity for each in ticks.values())
    return Compared(
        orders=len(orders),
        by_ticks=len(ticks),
        by_bars=len(bars),
        both=len(both),
        worse_bps=sum(worse, Decimal(0)) / max(len(worse), 1),
        later_s=Decimal(later[len(later) // 2] if later else 0) / 10**9,
        share_of_units=Decimal(sum(each.quantity for each in bars.values())) / max(units, 1),
    )


def worse_bps(order: TickOrder, filled: Filled, reference: Decimal) -> Decimal:
    """Return how much worse for the order it filled than at a reference, in basis points."""
    sign = 1 if order.side == Side.BUY else -1
    return sign * (filled.price - reference) / reference * BPS
