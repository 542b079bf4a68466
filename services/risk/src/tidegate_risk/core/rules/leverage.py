"""The worst case of all symbols is at most a multiple of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules.ceiling import Ceiling, refused_above

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Refused


def check(proposal: Proposal) -> Refused | None:
    """Refuse above ``leverage_max`` times equity; exactly that much passes."""
    question = proposal.question
    limit = question.limits.leverage_max * question.equity
    before = proposal.gross_exposure_elsewhere + proposal.symbol_exposure_before
    ceiling = Ceiling(
        code=Code.LEVERAGE,
        what="all symbols in the worst case",
        setting="leverage_max",
        limit=limit,
        found=proposal.gross_exposure,
        room=limit - before,
    )
    return refused_above(ceiling, proposal)
