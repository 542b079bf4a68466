"""Trading hours: ascending intervals, each of which holds its first moment and not its last."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence


class Interval(Protocol):
    """A time in which a venue trades; `tidegate_contracts.market.OpenInterval` is one."""

    @property
    def opens_at_ns(self) -> int:
        """Return its first moment."""

    @property
    def closes_at_ns(self) -> int:
        """Return the first moment after it."""


AnyInterval = TypeVar("AnyInterval", bound=Interval)


def interval_at(intervals: Sequence[AnyInterval], at_ns: int) -> AnyInterval | None:
    """Return the interval that holds a moment, if one does."""
    begun = bisect_right(intervals, at_ns, key=_opening)
    if begun and at_ns < intervals[begun - 1].closes_at_ns:
        return intervals[begun - 1]
    return None


def first_overlapping(
    intervals: Sequence[AnyInterval], begins_ns: int, ends_ns: int
) -> AnyInterval | None:
    """Return the first interval that has a moment in [begins, ends), if one has."""
    over = bisect_right(intervals, begins_ns, key=_closing)
    if over < len(intervals) and intervals[over].opens_at_ns < ends_ns:
        return intervals[over]
    return None


def next_opening_ns(intervals: Sequence[Interval], at_ns: int) -> int:
    """Return when the first interval after a moment begins; 0 when none is known."""
    begun = bisect_right(intervals, at_ns, key=_opening)
    return intervals[begun].opens_at_ns if begun < len(intervals) else 0


def _closing(interval: Interval) -> int:
    return interval.closes_at_ns


def _opening(interval: Interval) -> int:
    return interval.opens_at_ns
