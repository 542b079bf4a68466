"""A signal that opens a position is not older than its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.time import NS_PER_MILLISECOND
from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse a signal older than ``signal_age_max_ns``; exactly that old passes."""
    age_ns = question.now_ns - question.signal.event_at_ns
    limit_ns = question.limits.signal_age_max_ns
    if age_ns <= limit_ns:
        return None
    return Refused(
        code=Code.SIGNAL_EXPIRED,
        expected=f"a signal at most {limit_ns // NS_PER_MILLISECOND} ms old",
        found=f"{age_ns // NS_PER_MILLISECOND} ms",
        remedy="a newer signal would pass",
        numbers=(
            number("signal_age", age_ns, "ns"),
            number("limit_signal_age_max", limit_ns, "ns"),
        ),
    )
