"""What moves with the order is at most a share of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules.marginal_ceiling import Measure, refused_beyond

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Refused

MEASURE = Measure(
    code=Code.CORRELATED_EXPOSURE,
    name="correlated_exposure",
    what="positions that are correlated with this one of",
    setting="correlated_exposure_max_fraction",
    asked="correlated",
)


def check(proposal: Proposal) -> Refused | None:
    """Refuse above ``correlated_exposure_max_fraction`` of equity, correlations shrunk."""
    return refused_beyond(MEASURE, proposal)
