"""The value at risk is at most a share of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules.marginal_ceiling import Measure, refused_beyond

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Refused

MEASURE = Measure(
    code=Code.VAR_LIMIT,
    name="var",
    what="a value at risk of",
    setting="var_max_fraction",
    asked="value_at_risk",
)


def check(proposal: Proposal) -> Refused | None:
    """Refuse above ``var_max_fraction`` of equity, the worst of three methods."""
    return refused_beyond(MEASURE, proposal)
