"""No more orders are open than the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal


def check(proposal: Proposal) -> Refused | None:
    """Refuse the order that would exceed ``open_orders_max``."""
    count = proposal.question.book.orders.count()
    limit = proposal.question.limits.open_orders_max
    if count < limit:
        return None
    return Refused(
        code=Code.OPEN_ORDERS,
        expected=f"fewer than {limit} open orders (open_orders_max)",
        found=str(count),
        remedy="it passes after one of them has ended",
        numbers=(
            number("open_orders", count, "orders"),
            number("limit_open_orders_max", limit, "orders"),
        ),
    )
