"""All symbols together lean to neither side by more than a share of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules.ceiling import Ceiling, refused_above

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Refused


def check(proposal: Proposal) -> Refused | None:
    """Refuse above ``net_exposure_max_fraction`` of equity on the side that the order leans to.

    Long worst case: every open buy filled and no sell; short: every open sell and no buy.
    """
    question, net = proposal.question, proposal.net_exposure
    limit = question.limits.net_exposure_max_fraction * question.equity
    found = net.most if proposal.buys else -net.least
    ceiling = Ceiling(
        code=Code.NET_EXPOSURE,
        what="the net of all symbols in the worst case",
        setting="net_exposure_max_fraction",
        limit=limit,
        found=found,
        room=limit - (found - proposal.quantity * proposal.valued_at),
    )
    return refused_above(ceiling, proposal)
