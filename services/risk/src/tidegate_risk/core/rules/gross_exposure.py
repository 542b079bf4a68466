"""All symbols' worst-case exposures together are at most a share of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules.ceiling import Ceiling, refused_above

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Refused


def check(proposal: Proposal) -> Refused | None:
    """Refuse above ``gross_exposure_max_fraction`` of equity; nothing is netted."""
    question = proposal.question
    limit = question.limits.gross_exposure_max_fraction * question.equity
    before = proposal.gross_exposure_elsewhere + proposal.symbol_exposure_before
    ceiling = Ceiling(
        code=Code.GROSS_EXPOSURE,
        what="all symbols in the worst case",
        setting="gross_exposure_max_fraction",
        limit=limit,
        found=proposal.gross_exposure,
        room=limit - before,
    )
    return refused_above(ceiling, proposal)
