"""A strategy does not order the same thing twice within a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.time import NS_PER_MILLISECOND
from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.book.approvals import Approval
    from tidegate_risk.core.question import Proposal


def check(proposal: Proposal) -> Refused | None:
    """Refuse the same strategy, symbol, side and quantity within ``duplicate_window_ns``."""
    question = proposal.question
    now_ns, window_ns = question.now_ns, question.limits.duplicate_window_ns
    since_ns = now_ns - window_ns
    for approval in question.approvals:
        if approval.at_ns > since_ns and _same(approval, proposal):
            age_ns = now_ns - approval.at_ns
            return Refused(
                code=Code.DUPLICATE,
                expected=f"no equal order within {window_ns // NS_PER_MILLISECOND} ms",
                found=f"one {age_ns // NS_PER_MILLISECOND} ms ago",
                remedy="it passes after the window",
                numbers=(
                    number("duplicate_age", age_ns, "ns"),
                    number("limit_duplicate_window", window_ns, "ns"),
                ),
            )
    return None


def _same(approval: Approval, proposal: Proposal) -> bool:
    question = proposal.question
    return (approval.strategy, approval.listing, approval.side, approval.quantity) == (
        question.signal.strategy,
        question.listing,
        proposal.specification.side,
        proposal.quantity,
    )
