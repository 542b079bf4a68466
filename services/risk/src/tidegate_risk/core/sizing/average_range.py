"""The average true range: how far a price moves within a bar.

J. W. Wilder, New Concepts in Technical Trading Systems (1978): the first value is the mean of the
first n true ranges, each later one takes 1/n of the newest. Of the ranges that are kept, 120, the
first has no weight left that would be seen, so that only the last bars matter.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACES = 4
"""Decimals beyond those of the price."""


def average_range(ranges: Sequence[int], bars: int, price_scale: int) -> Decimal | None:
    """Return the average of true ranges in units of the price scale; None with fewer than bars.

    In the quote currency, rounded half to even to `PLACES` decimals beyond the price's.
    """
    if len(ranges) < bars:
        return None
    average = sum(ranges[:bars]) / bars
    for each in ranges[bars:]:
        average += (each - average) / bars
    return Decimal(round(average * 10**PLACES)).scaleb(-price_scale - PLACES)
