"""One order's value is at most a share of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules.ceiling import Ceiling, refused_above

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Refused


def check(proposal: Proposal) -> Refused | None:
    """Refuse above ``order_notional_max_fraction`` of equity; exactly that much passes."""
    question = proposal.question
    limit = question.limits.order_notional_max_fraction * question.equity
    ceiling = Ceiling(
        code=Code.ORDER_NOTIONAL,
        what="the order's value",
        setting="order_notional_max_fraction",
        limit=limit,
        found=proposal.notional,
        room=limit,
    )
    return refused_above(ceiling, proposal)
