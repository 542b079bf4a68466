"""A short position needs the limits' leave and a shortable instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.signals import Direction
from tidegate_risk.core.refusals import Code, Refused

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse SHORT unless both allow it."""
    instrument = question.instrument
    if question.signal.direction != Direction.SHORT:
        return None
    if question.limits.short_allowed and instrument is not None and instrument.shortable:
        return None
    return Refused(
        code=Code.SHORT_NOT_ALLOWED,
        expected="LONG or FLAT, or leave to sell short from the limits and the venue",
        found=f"SHORT with short_allowed {question.limits.short_allowed} and shortable "
        f"{instrument is not None and instrument.shortable}",
        remedy="set short_allowed in the session's limits and choose a shortable instrument",
    )
