"""All symbols' worst-case exposures together are at most a share of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules.ceiling import of_all_symbols, refused_above

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Refused


def check(proposal: Proposal) -> Refused | None:
    """Refuse above ``gross_exposure_max_fraction`` of equity; nothing is netted."""
    most = proposal.question.limits.gross_exposure_max_fraction
    ceiling = of_all_symbols(proposal, Code.GROSS_EXPOSURE, "gross_exposure_max_fraction", most)
    return refused_above(ceiling, proposal)
