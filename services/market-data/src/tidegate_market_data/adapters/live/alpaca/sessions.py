"""Which bars of US equities a feed gives, and how far back a number of them reaches.

Around the regular session few trade, and a single print may lie anywhere: averages of both are
averages of neither. So a feed gives the bars of the regular session, unless it is set to give those
around it too.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from tidegate_kernel.hours import interval_at

if TYPE_CHECKING:
    from tidegate_contracts.market import OpenInterval


class Hours(NamedTuple):
    """When shares are traded: in the regular session, and for orders with extended hours."""

    regular: tuple[OpenInterval, ...] = ()
    extended: tuple[OpenInterval, ...] = ()

    def not_over_at(self, at_ns: int) -> Hours:
        """Return the hours that are not over at a moment."""
        return Hours(*(tuple(each for each in some if each.closes_at_ns > at_ns) for some in self))


def is_in(sessions: tuple[OpenInterval, ...], start_ns: int) -> bool:
    """Tell whether a bar that starts then is one of the sessions'."""
    return interval_at(sessions, start_ns) is not None


def begins_ns(
    sessions: tuple[OpenInterval, ...], until_ns: int, bars: int, timeframe_ns: int
) -> int:
    """Return when the ``bars`` last bars before a moment begin, counted in the sessions alone.

    Where fewer are known, it is when the first session opens; without any, as if always open.
    """
    left_ns = bars * timeframe_ns
    begun = bisect_left(sessions, until_ns, key=_opening)
    for session in reversed(sessions[:begun]):
        closes_ns = min(session.closes_at_ns, until_ns)
        if closes_ns - session.opens_at_ns >= left_ns:
            return closes_ns - left_ns
        left_ns -= closes_ns - session.opens_at_ns
    return sessions[0].opens_at_ns if begun else until_ns - left_ns


def _opening(session: OpenInterval) -> int:
    return session.opens_at_ns
