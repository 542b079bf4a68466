"""Whether a bar triggers a held order. Pure: an order, a bar's prices, nothing else.

1. A buy is triggered at its trigger or above, a sell at it or below; the bar's high and low are
   prices at which the market traded. Only bars that started when the order was held already count.
2. A trailing trigger follows the best price: the highest for a sell, the lowest for a buy, from the
   last close before the order was held. Whether a bar's best price came before its worst is not
   known: the trigger as it was before the bar is compared with the bar's worst price, and the
   trigger as it is afterwards with the close.
3. Of an instrument that names its regular sessions only bars with a moment in one count, as they do
   for stops that wait at a venue: what trades before and after triggers nothing and moves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import OrderType
from tidegate_execution.core.order_form import trail_of
from tidegate_kernel.hours import first_overlapping
from tidegate_kernel.money import to_decimal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from tidegate_contracts.execution import OrderSpecification
    from tidegate_contracts.market import Bar, OpenInterval


def in_session(sessions: Sequence[OpenInterval] | None, begins_ns: int, ends_ns: int) -> bool:
    """Tell whether a bar counts, by the regular sessions of its instrument; none are named: yes."""
    return not sessions or first_overlapping(sessions, begins_ns, ends_ns) is not None


class Prices(msgspec.Struct, frozen=True, gc=False):
    """A bar's prices, in quote currency."""

    high: Decimal
    low: Decimal
    close: Decimal


def prices_of(bar: Bar, scale: int) -> Prices:
    """Return a bar's prices."""
    return Prices(*(to_decimal(each, scale) for each in (bar.high, bar.low, bar.close)))


def is_triggered(
    specification: OrderSpecification, sign: int, prices: Prices, best: Decimal | None
) -> bool:
    """Tell whether a bar triggers an order; ``sign`` is +1 for a buy, ``best`` as before it."""
    worst = prices.high if sign > 0 else prices.low
    if specification.order_type != OrderType.TRAILING_STOP:
        trigger = specification.trigger_price
        assert trigger is not None, "a stop has a trigger; see order_form"
        return _reached(sign, worst, trigger)
    if best is not None and _reached(sign, worst, trailing_trigger(specification, sign, best)):
        return True
    after = better(sign, prices, best)
    return _reached(sign, prices.close, trailing_trigger(specification, sign, after))


def better(sign: int, prices: Prices, best: Decimal | None) -> Decimal:
    """Return the best price after a bar, from which a trailing trigger keeps its distance."""
    found = prices.low if sign > 0 else prices.high
    if best is None:
        return found
    return min(best, found) if sign > 0 else max(best, found)


def trailing_trigger(specification: OrderSpecification, sign: int, best: Decimal) -> Decimal:
    """Return where a trailing order is triggered when the best price is this."""
    return best + sign * trail_of(specification, best)


def _reached(sign: int, price: Decimal, trigger: Decimal) -> bool:
    return price >= trigger if sign > 0 else price <= trigger
