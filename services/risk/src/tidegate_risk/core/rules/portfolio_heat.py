"""What all stops would cost together is at most a share of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules.marginal_ceiling import Measure, refused_beyond

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Refused

MEASURE = Measure(
    code=Code.PORTFOLIO_HEAT,
    name="portfolio_heat",
    what="a loss if every stop were hit of",
    setting="portfolio_heat_max_fraction",
    asked="heat",
)


def check(proposal: Proposal) -> Refused | None:
    """Refuse above ``portfolio_heat_max_fraction`` of equity, the order's own stop counted."""
    return refused_beyond(MEASURE, proposal)
