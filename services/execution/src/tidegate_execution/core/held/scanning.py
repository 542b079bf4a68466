"""The first bar of a frame that could trigger a held order, and what the bars before it change.

`triggers` decides. Here only bars are passed over of which it is certain that they trigger nothing.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR
from typing import TYPE_CHECKING

import numpy as np

from tidegate_contracts.execution import OrderType
from tidegate_execution.core.hours import in_hours
from tidegate_kernel.money import to_decimal

if TYPE_CHECKING:
    from decimal import Decimal

    from numpy.typing import NDArray

    from tidegate_contracts.frame import Frame, Part
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.state import ExecutionState

_HIGH, _LOW = 2, 3
_PLACES_FIRST = 256
_SPARE = 2
"""A trailing trigger is moved by so many units of price: rounding must not pass a bar over."""


def first_row(state: ExecutionState, frame: Frame, first: int, last: int) -> int:
    """Return the first row that could trigger something, or ``last``."""
    for code, instrument in enumerate(frame.instruments):
        listing = f"{instrument.venue}|{instrument.symbol}"
        scale = state.price_scales.get(listing)
        held = [state.orders[each] for each in state.held_orders.get(listing, ())]
        for order in held if scale is not None else ():
            assert scale is not None
            last = _first_row_of(order, frame.parts[code], scale, (first, last))
    return last


def _first_row_of(order: Order, part: Part, scale: int, rows: tuple[int, int]) -> int:
    first, last = rows
    place, end = _places(order, part, first, last)
    best, width = _best(order, scale), _PLACES_FIRST
    while place < end:
        stop = min(place + width, end)
        highs, lows = part.values[_HIGH, place:stop], part.values[_LOW, place:stop]
        if order.specification.order_type == OrderType.TRAILING_STOP:
            hits, best = _trailing_hits(order, scale, (highs, lows), best)
        else:
            hits = _stop_hits(order, scale, (highs, lows))
        if hits.any():
            return part.row_of(place + int(hits.argmax()), last)
        place, width = stop, width * 2
    return last


def _places(order: Order, part: Part, first: int, last: int) -> tuple[int, int]:
    """Return the places of the bars that count for an order."""
    begun = int(part.values[0].searchsorted(order.held_since_ns))
    return max(part.place_of(first), begun), part.place_of(last)


def _best(order: Order, scale: int) -> int | None:
    best = order.best_price
    return None if best is None else int(best.scaleb(scale))


def _stop_hits(
    order: Order, scale: int, ranges: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> NDArray[np.bool_]:
    assert order.specification.trigger_price is not None, "a stop has a trigger; see order_form"
    trigger = order.specification.trigger_price.scaleb(scale)
    highs, lows = ranges
    if order.sign > 0:
        return highs >= int(trigger.to_integral_value(ROUND_CEILING))
    return lows <= int(trigger.to_integral_value(ROUND_FLOOR))


def _trailing_hits(
    order: Order,
    scale: int,
    ranges: tuple[NDArray[np.int64], NDArray[np.int64]],
    best: int | None,
) -> tuple[NDArray[np.bool_], int]:
    """Return which bars come near the trigger as it is after them, and the best price then."""
    highs, lows = ranges
    sells = order.sign < 0
    bests = np.maximum.accumulate(highs) if sells else np.minimum.accumulate(lows)
    if best is not None:
        bests = np.maximum(bests, best) if sells else np.minimum(bests, best)
    distance = _distances(order, scale, bests)
    hits = lows <= bests - distance if sells else highs >= bests + distance
    return hits, int(bests[-1])


def _distances(order: Order, scale: int, bests: NDArray[np.int64]) -> NDArray[np.int64]:
    specification = order.specification
    if specification.trail_amount is not None:
        amount = specification.trail_amount.scaleb(scale).to_integral_value(ROUND_FLOOR)
        return np.full_like(bests, int(amount) - _SPARE)
    assert specification.trail_percent is not None, "one of the two; see order_form"
    return (bests * (float(specification.trail_percent) / 100)).astype(np.int64) - _SPARE


def take_bars(state: ExecutionState, frame: Frame, first: int, last: int) -> None:
    """Move trailing triggers over bars that trigger nothing."""
    for code, instrument in enumerate(frame.instruments):
        listing = f"{instrument.venue}|{instrument.symbol}"
        scale = state.price_scales.get(listing)
        for identity in state.held_orders.get(listing, ()):
            order = state.orders[identity]
            trails = order.specification.order_type == OrderType.TRAILING_STOP
            if scale is not None and trails and not order.triggered:
                part, sessions = frame.parts[code], state.sessions.get(listing)
                prices = _best_column(order, part, first, last)
                if sessions:
                    starts = part.values[0][slice(*_places(order, part, first, last))]
                    prices = prices[in_hours(starts, frame.timeframe_ns, sessions)]
                found = _best_of(order, prices)
                if found is not None:
                    order.best_price = _better(order, to_decimal(found, scale))


def _best_column(order: Order, part: Part, first: int, last: int) -> NDArray[np.int64]:
    """Return the prices of the bars that count for an order which may be the best ones."""
    place, end = _places(order, part, first, last)
    column: NDArray[np.int64] = part.values[_LOW if order.sign > 0 else _HIGH, place:end]
    return column


def _best_of(order: Order, prices: NDArray[np.int64]) -> int | None:
    if not prices.size:
        return None
    return int(prices.min() if order.sign > 0 else prices.max())


def _better(order: Order, found: Decimal) -> Decimal:
    best = order.best_price
    if best is None:
        return found
    return min(best, found) if order.sign > 0 else max(best, found)
