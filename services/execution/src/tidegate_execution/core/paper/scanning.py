"""Looking through columns for the first bar that could do something to an open order.

`matching` decides what a bar does. Here only those bars are passed over of which it is certain that
they do nothing but move a trailing trigger: what starts too early for the order, and what never
trades at its limit or trigger. A bar that touches the limit is stopped at, whether a touch fills or
not. What the bars passed over did to a trailing trigger, `Search.follow` makes good.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderType, Side
from tidegate_execution.core.hours import hours_of, in_hours
from tidegate_execution.core.paper.resting import (
    acts_as,
    ends_at_ns,
    is_decided_at_once,
    waits_for_first_bar,
)
from tidegate_execution.core.paper.triggers import PERCENT, follow
from tidegate_kernel.hours import first_overlapping, next_opening_ns
from tidegate_kernel.money import to_decimal

if TYPE_CHECKING:
    from numpy import bool_, int64
    from numpy.typing import NDArray

    from tidegate_contracts.frame import Frame
    from tidegate_contracts.market import Instrument
    from tidegate_execution.core.paper.resting import RestingOrder

_HIGH, _LOW = 2, 3
_PLACES_FIRST = 256
# More than what rounding to floats may change of a price.
_MARGIN = 1e-9


@dataclass(frozen=True, slots=True)
class Search:
    """One instrument's bars in a frame, and how long an order takes to arrive."""

    frame: Frame
    code: int
    instrument: Instrument
    latency_ns: int

    def first_row(self, order: RestingOrder, first: int, last: int) -> int:
        """Return the first row that could do something to an order; ``last`` if there is none."""
        part = self.frame.parts[self.code]
        starts = part.values[0]
        begin, end = part.place_of(first), part.place_of(last)
        earliest_ns = self._earliest_start_ns(order)
        if begin < end and starts[begin] < earliest_ns:
            begin = int(starts.searchsorted(earliest_ns))
        found = self._acts(order, self._opened(order, begin, end), end)
        ends_ns = ends_at_ns(order)
        if ends_ns:
            over_ns = ends_ns - self.frame.timeframe_ns
            found = min(found, max(begin, int(starts.searchsorted(over_ns))))
        return part.row_of(found, last) if found < end else last

    def follow(self, order: RestingOrder, first: int, last: int) -> None:
        """Let a trailing stop that has begun see bars that do not trigger it."""
        part = self.frame.parts[self.code]
        begin, end = part.place_of(first), part.place_of(last)
        if begin >= end:
            return
        is_sell = order.specification.side == Side.SELL
        column = part.values[_HIGH if is_sell else _LOW, begin:end]
        hours = hours_of(order.specification, self.instrument)
        if hours:
            column = column[in_hours(part.values[0, begin:end], self.frame.timeframe_ns, hours)]
        if not column.size:
            return
        best = int(column.max() if is_sell else column.min())
        follow(order, to_decimal(best, self.instrument.price_scale))

    def _opened(self, order: RestingOrder, begin: int, end: int) -> int:
        """Return the first place whose bar lies within the hours that an order may work in."""
        hours = hours_of(order.specification, self.instrument)
        if not hours or begin >= end:
            return begin
        starts = self.frame.parts[self.code].values[0]
        length_ns = self.frame.timeframe_ns
        start_ns = int(starts[begin])
        if first_overlapping(hours, start_ns, start_ns + length_ns) is not None:
            return begin
        opens_at_ns = next_opening_ns(hours, start_ns)
        if not opens_at_ns:
            return end
        return min(end, int(starts.searchsorted(opens_at_ns - length_ns, side="right")))

    def _earliest_start_ns(self, order: RestingOrder) -> int:
        """Return the start from which `resting.may_fill` lets a bar act on the order."""
        is_market = order.specification.order_type == OrderType.MARKET
        if is_market and self.latency_ns < self.frame.timeframe_ns:
            return order.caused_at_ns
        return order.caused_at_ns + self.latency_ns

    def _acts(self, order: RestingOrder, begin: int, end: int) -> int:
        """Return the first place whose prices could do something to an order; else ``end``."""
        kind = acts_as(order)
        if kind == OrderType.MARKET or is_decided_at_once(order) or waits_for_first_bar(order):
            return begin
        if kind == OrderType.TRAILING_STOP:
            return self._triggers_trailing(order, begin, end)
        specification = order.specification
        is_limit = kind == OrderType.LIMIT
        price = specification.limit_price if is_limit else specification.trigger_price
        assert price is not None, "the order's form was checked"
        below = (specification.side == Side.BUY) == is_limit
        return self._trades_at(price, begin, end, below=below)

    def _trades_at(self, price: Decimal, place: int, end: int, *, below: bool) -> int:
        """Return the first place that trades at a price, or below it, or above it; else ``end``."""
        scaled = price.scaleb(self.instrument.price_scale)
        values = self.frame.parts[self.code].values
        width = _PLACES_FIRST
        while place < end:
            stop = min(place + width, end)
            if below:
                hits = values[_LOW, place:stop] <= int(scaled.to_integral_value(ROUND_FLOOR))
            else:
                hits = values[_HIGH, place:stop] >= int(scaled.to_integral_value(ROUND_CEILING))
            if hits.any():
                return place + int(hits.argmax())
            place, width = stop, width * 2
        return end

    def _triggers_trailing(self, order: RestingOrder, place: int, end: int) -> int:
        """Return the first place at which a trailing stop that has begun may be triggered."""
        values = self.frame.parts[self.code].values
        is_sell = order.specification.side == Side.SELL
        assert order.best_price is not None, "it has begun"
        best = int(order.best_price.scaleb(self.instrument.price_scale))
        width = _PLACES_FIRST
        while place < end:
            stop = min(place + width, end)
            highs, lows = values[_HIGH, place:stop], values[_LOW, place:stop]
            if is_sell:
                bests = _running(highs, best, highest=True)
                hits = _falls_back(bests, lows, self._distance(order, bests))
            else:
                bests = _running(lows, best, highest=False)
                hits = _falls_back(highs, bests, self._distance(order, bests))
            if hits.any():
                return place + int(hits.argmax())
            best = int(bests[-1])
            place, width = stop, width * 2
        return end

    def _distance(self, order: RestingOrder, bests: NDArray[int64]) -> NDArray[int64] | int:
        """Return the trail in the instrument's scale, at each best price; never too far."""
        amount = order.specification.trail_amount
        if amount is not None:
            return int(amount.scaleb(self.instrument.price_scale).to_integral_value(ROUND_FLOOR))
        assert order.specification.trail_percent is not None, "a trailing stop has a distance"
        share = float(order.specification.trail_percent / PERCENT)
        distances: NDArray[int64] = (bests * (share - _MARGIN)).astype("int64") - 1
        return distances


def _running(column: NDArray[int64], best: int, *, highest: bool) -> NDArray[int64]:
    """Return the best price so far, each place's own included."""
    import numpy as np  # noqa: PLC0415

    better = np.maximum if highest else np.minimum
    bests: NDArray[int64] = better(better.accumulate(column), best)
    return bests


def _falls_back(
    above: NDArray[int64], below: NDArray[int64], distance: NDArray[int64] | int
) -> NDArray[bool_]:
    hits: NDArray[bool_] = above - below >= distance
    return hits
