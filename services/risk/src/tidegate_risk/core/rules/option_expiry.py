"""An option that is about to expire is not opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse from ``option_expiry_margin_ns`` before the expiry on."""
    instrument = question.instrument
    terms = None if instrument is None else instrument.option
    if terms is None:
        return None
    left_ns, limit_ns = (
        terms.expires_at_ns - question.now_ns,
        question.limits.option_expiry_margin_ns,
    )
    if left_ns > limit_ns:
        return None
    return Refused(
        code=Code.OPTION_EXPIRY,
        expected=f"more than {limit_ns // NS_PER_SECOND} s to the expiry (option_expiry_margin_s)",
        found=f"{left_ns // NS_PER_SECOND} s",
        remedy="a later expiry passes",
        numbers=(
            number("time_to_expiry", left_ns, "ns"),
            number("limit_option_expiry_margin", limit_ns, "ns"),
        ),
    )
