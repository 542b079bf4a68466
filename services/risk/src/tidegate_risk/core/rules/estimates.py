"""What a decision needs to have been measured has been, where the limits require it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse while ``estimates_required`` and a day's volume or the stop is not known yet.

    The stop of a signal that names none is some average ranges away, so those must be known.
    """
    if not question.limits.estimates_required:
        return None
    recent = question.recent
    if recent is None or recent.daily_volume is None:
        return Refused(
            code=Code.ESTIMATE_MISSING,
            expected="at least 1 whole day of volume (estimates_required)",
            found="none",
            remedy="it passes after the first whole day of bars",
            numbers=(number("volume_days", 0, "days"),),
        )
    if question.signal.stop_distance is None and question.limits.stop_range_multiple > 0:
        return _without_ranges(len(recent.ranges), question.limits.stop_range_bars)
    return None


def _without_ranges(found: int, least: int) -> Refused | None:
    if found >= least:
        return None
    return Refused(
        code=Code.ESTIMATE_MISSING,
        expected=f"{least} true ranges to place the stop by (estimates_required)",
        found=str(found),
        remedy="it passes after as many more bars, or with a stop distance in the signal",
        numbers=(number("ranges", found, "bars"), number("ranges_required", least, "bars")),
    )
