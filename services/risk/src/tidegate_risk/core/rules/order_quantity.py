"""One order's quantity is at most its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code, Refused, number, shown

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal


def check(proposal: Proposal) -> Refused | None:
    """Refuse above ``order_quantity_max``; exactly that much passes."""
    limit, unit = proposal.question.limits.order_quantity_max, proposal.instrument.base_currency
    if proposal.quantity <= limit:
        return None
    return Refused(
        code=Code.ORDER_QUANTITY,
        expected=f"at most {shown(limit, unit)} (order_quantity_max)",
        found=shown(proposal.quantity, unit),
        remedy=f"{shown(limit, unit)} would pass",
        numbers=(
            number("quantity", proposal.quantity, unit),
            number("limit_order_quantity_max", limit, unit),
        ),
    )
