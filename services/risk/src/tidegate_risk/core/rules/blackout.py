"""No entry in a blackout that the limits name: an event, a weekly time, an opening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.time import format_time
from tidegate_risk.core.refusals import Code, Refused, number
from tidegate_risk.core.schedules.blackouts import in_force

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse inside of a blackout; of several that hold, the one that ends last is named."""
    limits, instrument = question.limits, question.instrument
    if not limits.blackouts:
        return None
    assert instrument is not None, "the instrument rule comes first"
    found = in_force(limits.blackouts, question.now_ns, instrument.open_intervals)
    if found is None:
        return None
    blackout, ends_ns = found
    return Refused(
        code=Code.BLACKOUT,
        expected=f"an entry outside of the blackout {blackout.name}",
        found=f"one before {format_time(ends_ns)}, when it ends",
        remedy="it passes from then on; exits pass now",
        numbers=(number("blackout_ends", ends_ns, "ns"),),
    )
