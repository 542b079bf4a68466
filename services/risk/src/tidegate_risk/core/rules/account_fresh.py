"""The portfolio's account has booked our fills and values its positions at fresh prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.time import NS_PER_MILLISECOND
from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse while a fill is unbooked for longer than the limit, or marks are stale."""
    account, limit_ns = question.book.account, question.limits.account_lag_max_ns
    if account is not None and account.marks_stale:
        return _refused(
            "fresh prices under every position", "a stale or missing price", 0, limit_ns
        )
    since_ns = question.book.unbooked_since_ns
    lag_ns = question.now_ns - since_ns if since_ns else 0
    if lag_ns <= limit_ns:
        return None
    return _refused(
        f"every fill booked within {limit_ns // NS_PER_MILLISECOND} ms",
        f"one unbooked for {lag_ns // NS_PER_MILLISECOND} ms",
        lag_ns,
        limit_ns,
    )


def _refused(expected: str, found: str, lag_ns: int, limit_ns: int) -> Refused:
    return Refused(
        code=Code.ACCOUNT_STALE,
        expected=f"an account with {expected}",
        found=found,
        remedy="it passes after the portfolio's next account snapshot",
        numbers=(
            number("account_lag", lag_ns, "ns"),
            number("limit_account_lag_max", limit_ns, "ns"),
        ),
    )
