"""No entry around an event that the limits name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.time import format_time
from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse inside of a blackout; it holds its first moment and not its last."""
    for blackout in question.limits.blackouts:
        if blackout.begins_ns <= question.now_ns < blackout.ends_ns:
            return Refused(
                code=Code.BLACKOUT,
                expected=f"an entry outside of the blackout {blackout.name}",
                found=f"one before {format_time(blackout.ends_ns)}, when it ends",
                remedy="it passes from then on; exits pass now",
                numbers=(number("blackout_ends", blackout.ends_ns, "ns"),),
            )
    return None
