"""No more approvals within a window of session time than the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.time import NS_PER_MILLISECOND
from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse the order that would be one too many; exits count but are never refused."""
    limits = question.limits
    if len(question.approvals) < limits.rate_orders_max:
        return None
    since_ns = question.now_ns - limits.rate_window_ns
    count = sum(1 for approval in question.approvals if approval.at_ns > since_ns)
    if count < limits.rate_orders_max:
        return None
    return Refused(
        code=Code.RATE_EXCEEDED,
        expected=f"fewer than {limits.rate_orders_max} orders approved within "
        f"{limits.rate_window_ns // NS_PER_MILLISECOND} ms",
        found=str(count),
        remedy="it passes once the oldest of them has left the window",
        numbers=(
            number("orders_in_window", count, "orders"),
            number("limit_rate_orders_max", limits.rate_orders_max, "orders"),
        ),
    )
