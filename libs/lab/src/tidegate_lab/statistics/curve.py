"""From an account's equity to returns per day.

Equity is known at settled moments: once a day and after fills. A day's return is from the last
equity known by one UTC midnight to the last known by the next midnight at which the account was
looked at; days without bars (weekends) make no return. So a year has as many observations as
the market has days, and that number comes from the curve itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate_kernel.time import NS_PER_DAY
from tidegate_lab.statistics.errors import StatisticsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAYS_PER_YEAR = 365.25


class DailyReturns(msgspec.Struct, frozen=True, kw_only=True):
    """Returns per day, ``days[i]`` the UTC day (since 1970) at whose end ``values[i]`` is known."""

    days: NDArray[np.int64]
    values: NDArray[np.float64]

    @property
    def per_year(self) -> float:
        """Observations in a year, from the days that there are."""
        if len(self.days) < 2:  # noqa: PLR2004 - one day spans no time
            return DAYS_PER_YEAR
        span = int(self.days[-1] - self.days[0])
        return (len(self.days) - 1) / span * DAYS_PER_YEAR


def daily_returns(
    at_ns: NDArray[np.int64], equity: NDArray[np.float64], days: NDArray[np.int64] | None = None
) -> DailyReturns:
    """Return the daily returns of a curve: times (n,) that do not fall, equity (n,).

    The first point is the capital that the account opened with, above 0. A moment at midnight
    exactly belongs to the day that it ends. ``days`` are the days that get a return, rising; by
    default those in which the account was looked at. An account that has lost everything has lost
    it: the return of that day is -1, and later ones are 0.
    """
    if len(at_ns) == 0 or len(at_ns) != len(equity) or not equity[0] > 0:
        found = f"{len(at_ns)} times, {len(equity)} values"
        raise StatisticsError("daily returns", "a time for each value, the first above 0", found)
    if days is None:
        days = np.unique((at_ns[1:] - 1) // NS_PER_DAY)
    last = np.searchsorted(at_ns, (days + 1) * NS_PER_DAY, side="right") - 1
    ends = equity[np.maximum(last, 0)]
    ends = np.where(np.minimum.accumulate(ends) > 0, ends, 0.0)
    before = np.concatenate([equity[:1], ends[:-1]])
    grown = np.divide(ends, before, out=np.ones_like(ends), where=before > 0)
    return DailyReturns(days=days, values=grown - 1)
