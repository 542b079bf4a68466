"""One symbol's worst-case exposure is at most a share of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules.ceiling import Ceiling, refused_above

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Refused


def check(proposal: Proposal) -> Refused | None:
    """Refuse above ``symbol_exposure_max_fraction`` of equity, the worst of both sides."""
    question = proposal.question
    limit = question.limits.symbol_exposure_max_fraction * question.equity
    ceiling = Ceiling(
        code=Code.SYMBOL_EXPOSURE,
        what=f"{question.signal.symbol} in the worst case",
        setting="symbol_exposure_max_fraction",
        limit=limit,
        found=proposal.symbol_exposure,
        room=limit - proposal.symbol_exposure_before,
    )
    return refused_above(ceiling, proposal)
