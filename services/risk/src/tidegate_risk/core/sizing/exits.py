"""Where an entry is to be left: its stop and its take-profit, by volatility.

Both are prices on the tick, further from the entry rather than nearer: a stop that is nearer than
the size was made for would be hit more often than it should.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_risk.core.sizing.entry import Entry


def stop_price(entry: Entry) -> Decimal | None:
    """Return the price at which the position is given up; None when its distance is not known."""
    if entry.stop_distance is None:
        return None
    return away(entry.aim, -entry.sign, entry.stop_distance, entry.instrument.tick_size)


def take_profit_price(entry: Entry) -> Decimal | None:
    """Return the price at which the position has won enough; None without an average range."""
    multiple = entry.question.limits.take_profit_range_multiple
    if entry.average_range is None or multiple == 0:
        return None
    distance = multiple * entry.average_range
    return away(entry.aim, entry.sign, distance, entry.instrument.tick_size)


def away(price: Decimal, sign: int, distance: Decimal, tick: Decimal) -> Decimal | None:
    """Return the price on the tick that is so far up (1) or down (-1); None unless above zero."""
    rounding = ROUND_CEILING if sign > 0 else ROUND_FLOOR
    found = ((price + sign * distance) / tick).to_integral_value(rounding) * tick
    return found if found > 0 else None
