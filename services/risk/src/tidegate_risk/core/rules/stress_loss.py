"""No scenario costs more than a share of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules.marginal_ceiling import Measure, refused_beyond

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Refused

MEASURE = Measure(
    code=Code.STRESS_LOSS,
    name="stress_loss",
    what="a loss in any scenario of",
    setting="stress_loss_max_fraction",
    asked="stress",
)


def check(proposal: Proposal) -> Refused | None:
    """Refuse above ``stress_loss_max_fraction`` of equity in the scenario that is worst then."""
    refused = refused_beyond(MEASURE, proposal)
    if refused is None:
        return None
    found = f"{refused.found}, in {proposal.marginal.scenario}"
    return msgspec.structs.replace(refused, found=found)
