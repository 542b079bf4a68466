"""The mean loss beyond the value at risk is at most a share of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules.marginal_ceiling import Measure, refused_beyond

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Refused

MEASURE = Measure(
    code=Code.CVAR_LIMIT,
    name="cvar",
    what="an expected shortfall of",
    setting="cvar_max_fraction",
    asked="shortfall",
)


def check(proposal: Proposal) -> Refused | None:
    """Refuse above ``cvar_max_fraction`` of equity, the worst of three methods."""
    return refused_beyond(MEASURE, proposal)
