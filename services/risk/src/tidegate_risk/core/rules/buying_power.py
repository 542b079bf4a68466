"""There is cash for the order, at a price somewhat worse than today's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules.ceiling import Ceiling, refused_above

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Refused


def check(proposal: Proposal) -> Refused | None:
    """Refuse a cost, buffer included, above the cash that nothing else needs."""
    question = proposal.question
    buffered = 1 + question.limits.cash_buffer_fraction
    free = question.free_cash
    ceiling = Ceiling(
        code=Code.BUYING_POWER,
        what="the order's cost with its buffer",
        setting="free cash",
        limit=free,
        found=proposal.notional * buffered,
        room=free / buffered,
    )
    return refused_above(ceiling, proposal)
