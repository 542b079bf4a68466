"""What a decision needs to have been measured has been, where the limits require it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse while ``estimates_required`` and a day's volume is not known yet."""
    if not question.limits.estimates_required:
        return None
    recent = question.recent
    if recent is not None and recent.daily_volume is not None:
        return None
    return Refused(
        code=Code.ESTIMATE_MISSING,
        expected="at least 1 whole day of volume (estimates_required)",
        found="none",
        remedy="it passes after the first whole day of bars",
        numbers=(number("volume_days", 0, "days"),),
    )
