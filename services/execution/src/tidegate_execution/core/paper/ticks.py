"""Matching against trades and the top of the book, pure: fills of orders that move no market.

Sessions match from bars (`matching`), for bars are what feeds publish today. Here the same orders
are judged by what was really quoted and traded, to measure what bars get wrong. The rules:

1. An order sees only what is told after its arrival, and the last quote before it. Orders do not
   compete with each other.
2. A market order, and a limit order whose limit is at the opposite quote or beyond, takes what is
   shown there, at the quote's price, as a taker. What is shown at one price is taken once; the rest
   waits for more to be shown, or for a better price.
3. A limit order that rests stands behind everything that its price shows when it first is the best
   price: nothing is known of the book behind it. Inside the spread nothing stands ahead.
4. A trade against a resting order's side at its limit first fills what stands ahead, then the
   order. A trade beyond the limit has passed the whole queue: the order fills with what it traded.
5. What stands ahead is never more than what the price shows; nothing does, once the best price is
   worse than the limit. Both count only ``settle_ns`` after the quote: venues tell a quote before
   the trade that changed it, and one unit must not leave the queue twice.
6. A resting order that the opposite quote reaches fills with what is shown there, at its limit.
7. Prices and sizes are integers in the instrument's scales.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import Liquidity, Side
from tidegate_contracts.market import Quote, Trade

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SETTLE_NS = 50_000_000


class TickOrder(msgspec.Struct, frozen=True):
    """An order in integers; without a limit it is a market order. ``ends_at_ns`` 0: never."""

    name: str
    side: Side
    quantity: int
    limit: int | None
    arrives_at_ns: int
    ends_at_ns: int = 0


class TickFill(msgspec.Struct, frozen=True):
    """A part of an order fills."""

    name: str
    quantity: int
    price: int
    liquidity: Liquidity
    at_ns: int


class _Working(msgspec.Struct):
    """An order that has arrived."""

    order: TickOrder
    remaining: int
    # What stands ahead at the limit; None while the limit has not been the best price.
    ahead: int | None = None
    # Taken of what the opposite side shows at a price.
    taken_price: int = 0
    taken: int = 0


def match_ticks(
    ticks: Iterable[Quote | Trade], orders: Sequence[TickOrder], settle_ns: int = SETTLE_NS
) -> list[TickFill]:
    """Return what trades and quotes, in the order in which they were told, fill of orders."""
    arriving = deque(sorted(orders, key=lambda each: each.arrives_at_ns))
    working: list[_Working] = []
    settling: deque[Quote] = deque()
    fills: list[TickFill] = []
    last: Quote | None = None
    for tick in ticks:
        while arriving and arriving[0].arrives_at_ns <= tick.at_ns:
            each = _Working(arriving[0], arriving.popleft().quantity)
            working.append(each)
            if last is not None:
                _take(each, last, each.order.arrives_at_ns, fills, arrives=True)
                _join(each, last)
        while settling and settling[0].at_ns + settle_ns <= tick.at_ns:
            settled = settling.popleft()
            for each in working:
                _settle(each, settled)
        for each in working:
            if isinstance(tick, Trade):
                _trade(each, tick, fills)
            else:
                _take(each, tick, tick.at_ns, fills, arrives=last is None)
                _join(each, tick)
        if isinstance(tick, Quote):
            last = tick
            settling.append(tick)
        working = [each for each in working if _is_open(each, tick.at_ns)]
    return fills


def _is_open(each: _Working, at_ns: int) -> bool:
    ends_at_ns = each.order.ends_at_ns
    return each.remaining > 0 and not 0 < ends_at_ns <= at_ns


def _sides(order: TickOrder, quote: Quote) -> tuple[int, int, int, int]:
    """Return price and size of the order's own side, then of the opposite one."""
    bid, ask = (quote.bid_price, quote.bid_size), (quote.ask_price, quote.ask_size)
    own, opposite = (bid, ask) if order.side == Side.BUY else (ask, bid)
    return *own, *opposite


def _is_beyond(order: TickOrder, limit: int, price: int) -> bool:
    """Tell whether a price is better for the order than its limit."""
    return price < limit if order.side == Side.BUY else price > limit


def _take(
    each: _Working, quote: Quote, at_ns: int, fills: list[TickFill], *, arrives: bool
) -> None:
    """Fill an order with what the opposite side shows within its limit."""
    order = each.order
    _, _, price, size = _sides(order, quote)
    limit = order.limit
    if limit is not None and price != limit and not _is_beyond(order, limit, price):
        return
    if price != each.taken_price:
        each.taken_price, each.taken = price, 0
    quantity = min(each.remaining, size - each.taken)
    if quantity <= 0:
        return
    each.taken += quantity
    if limit is None or arrives:
        _fill(each, TickFill(order.name, quantity, price, Liquidity.TAKER, at_ns), fills)
    else:
        _fill(each, TickFill(order.name, quantity, limit, Liquidity.MAKER, at_ns), fills)


def _join(each: _Working, quote: Quote) -> None:
    """Put an order behind what its price shows, when that first is the best price."""
    if each.ahead is not None or each.order.limit is None:
        return
    price, size, _, _ = _sides(each.order, quote)
    if price == each.order.limit:
        each.ahead = size
    elif not _is_beyond(each.order, price, each.order.limit):
        each.ahead = 0


def _settle(each: _Working, quote: Quote) -> None:
    """Let an earlier quote bound what stands ahead."""
    order = each.order
    if each.ahead is None or order.limit is None or quote.at_ns < order.arrives_at_ns:
        return
    price, size, _, _ = _sides(order, quote)
    if price == order.limit:
        each.ahead = min(each.ahead, size)
    elif not _is_beyond(order, price, order.limit):
        each.ahead = 0


def _trade(each: _Working, trade: Trade, fills: list[TickFill]) -> None:
    """Let a trade against an order's side fill the queue at its limit, and then the order."""
    order, limit = each.order, each.order.limit
    if limit is None or trade.buyer_is_maker != (order.side == Side.BUY):
        return
    reached = 0
    if _is_beyond(order, limit, trade.price):
        each.ahead, reached = 0, trade.size
    elif trade.price == limit and each.ahead is not None:
        reached = max(trade.size - each.ahead, 0)
        each.ahead = max(each.ahead - trade.size, 0)
    quantity = min(each.remaining, reached)
    if quantity > 0:
        found = TickFill(order.name, quantity, limit, Liquidity.MAKER, trade.at_ns)
        _fill(each, found, fills)


def _fill(each: _Working, found: TickFill, fills: list[TickFill]) -> None:
    each.remaining -= found.quantity
    fills.append(found)
