"""A signal that opens a position is not older than its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.time import NS_PER_MILLISECOND
from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse a signal older than ``signal_age_max_ns`` or than its own order may be.

    Exactly as old as the limit passes; an order that expires now is over.
    """
    signal = question.signal
    age_ns = question.now_ns - signal.event_at_ns
    limit_ns = question.limits.signal_age_max_ns
    if signal.valid_for_ns:
        limit_ns = min(limit_ns, signal.valid_for_ns - 1)
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
