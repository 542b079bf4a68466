"""The venue trades the instrument now, if the instrument says when it does."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_contracts.market import OpenInterval
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse outside of the open intervals; they hold their first moment and not their last."""
    instrument, now_ns = question.instrument, question.now_ns
    assert instrument is not None, "the instrument rule comes first"
    intervals = instrument.open_intervals
    if not intervals:
        return None
    begun = bisect_right(intervals, now_ns, key=_opening)
    if begun and now_ns < intervals[begun - 1].closes_at_ns:
        return None
    opens_at_ns = intervals[begun].opens_at_ns if begun < len(intervals) else 0
    remedy = f"it passes in {(opens_at_ns - now_ns) // NS_PER_SECOND} s, when the venue opens"
    return Refused(
        code=Code.VENUE_CLOSED,
        expected=f"an open venue for {instrument.symbol}",
        found="a closed one",
        remedy=remedy if opens_at_ns else "it passes once the next opening is known and reached",
        numbers=(number("opens_at", opens_at_ns, "ns"),),
    )


def _opening(interval: OpenInterval) -> int:
    return interval.opens_at_ns
