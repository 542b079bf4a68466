"""Looking through columns for the first bar that could do something to an open order.

`matching` decides what a bar does. Here only those bars are passed over of which it is certain that
they do nothing: what starts too early for the order, and what never trades at its limit. A bar
that touches the limit is stopped at, whether a touch fills or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR
from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderType, Side, TimeInForce

if TYPE_CHECKING:
    from tidegate_contracts.frame import Frame
    from tidegate_contracts.market import Instrument
    from tidegate_execution.core.paper.matching import RestingOrder

_HIGH, _LOW = 2, 3
_PLACES_FIRST = 256


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
        may_fill = int(starts.searchsorted(self._earliest_start_ns(order)))
        found = max(begin, may_fill)
        if _waits_for_its_limit(order):
            found = self._trades_at_limit(order, found, end)
        if order.day_ends_at_ns:
            over_ns = order.day_ends_at_ns - self.frame.timeframe_ns
            found = min(found, max(begin, int(starts.searchsorted(over_ns))))
        return part.row_of(found, last) if found < end else last

    def _earliest_start_ns(self, order: RestingOrder) -> int:
        """Return the start from which `matching.may_fill` lets a bar act on the order."""
        is_market = order.specification.order_type == OrderType.MARKET
        if is_market and self.latency_ns < self.frame.timeframe_ns:
            return order.caused_at_ns
        return order.caused_at_ns + self.latency_ns

    def _trades_at_limit(self, order: RestingOrder, place: int, end: int) -> int:
        """Return the first place from ``place`` on whose range holds the limit; else ``end``."""
        specification = order.specification
        assert specification.limit_price is not None, "a limit order has a limit"
        limit = specification.limit_price.scaleb(self.instrument.price_scale)
        values = self.frame.parts[self.code].values
        width = _PLACES_FIRST
        while place < end:
            stop = min(place + width, end)
            if specification.side == Side.BUY:
                hits = values[_LOW, place:stop] <= int(limit.to_integral_value(ROUND_FLOOR))
            else:
                hits = values[_HIGH, place:stop] >= int(limit.to_integral_value(ROUND_CEILING))
            if hits.any():
                return place + int(hits.argmax())
            place, width = stop, width * 2
        return end


def _waits_for_its_limit(order: RestingOrder) -> bool:
    """Tell whether only a bar that trades at its limit does something to an order.

    The first bar that may fill an IOC or FOK order ends it, and that of a DAY order begins its day.
    """
    specification = order.specification
    if specification.order_type == OrderType.MARKET:
        return False
    force = specification.time_in_force
    return force == TimeInForce.GTC or (force == TimeInForce.DAY and order.day_ends_at_ns > 0)
