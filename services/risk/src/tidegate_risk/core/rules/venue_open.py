"""The venue trades the instrument now, if the instrument says when it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.hours import interval_at, next_opening_ns
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.hours import hours_of, is_around_the_session
from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse outside of the open intervals; for orders with extended hours, of the longer ones."""
    instrument, now_ns = question.instrument, question.now_ns
    assert instrument is not None, "the instrument rule comes first"
    intervals = hours_of(question.signal, instrument)
    if not intervals or interval_at(intervals, now_ns) is not None:
        return None
    opens_at_ns = next_opening_ns(intervals, now_ns)
    remedy = f"it passes in {(opens_at_ns - now_ns) // NS_PER_SECOND} s, when the venue opens"
    if not opens_at_ns:
        remedy = "it passes once the next opening is known and reached"
    found = "a closed one"
    if is_around_the_session(instrument, now_ns):
        found = "its hours around the regular session"
        remedy += "; a limit order with extended_hours may pass now"
    return Refused(
        code=Code.VENUE_CLOSED,
        expected=f"an open venue for {instrument.symbol}",
        found=found,
        remedy=remedy,
        numbers=(number("opens_at", opens_at_ns, "ns"),),
    )
