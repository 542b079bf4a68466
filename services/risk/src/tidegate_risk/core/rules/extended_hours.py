"""Extended hours need the limits' leave, and an instrument that trades in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code, Refused

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse what asks for them otherwise; the limits keep nobody from getting out.

    A strategy's exit that asks for hours which its instrument has not is one of the regular
    session: the strategy cannot know. A person can, and is told.
    """
    if not question.signal.extended_hours:
        return None
    instrument, allowed = question.instrument, question.limits.extended_hours_allowed
    assert instrument is not None, "the instrument rule comes first"
    if question.increasing and not allowed:
        return Refused(
            code=Code.EXTENDED_HOURS,
            expected="an order of the regular session, or leave for extended hours in the limits",
            found=f"one with extended_hours, and extended_hours_allowed {allowed}",
            remedy="set extended_hours_allowed in the limits, or ask without extended_hours",
        )
    if instrument.extended_intervals or not (question.increasing or question.placed):
        return None
    return Refused(
        code=Code.EXTENDED_HOURS,
        expected="an instrument that trades in extended hours, with extended_hours on an order",
        found=f"{instrument.symbol}, which names none",
        remedy="it passes without extended_hours, while the venue is open",
    )
