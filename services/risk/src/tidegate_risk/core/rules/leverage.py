"""The worst case of all symbols is at most a multiple of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules.ceiling import of_all_symbols, refused_above

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Refused


def check(proposal: Proposal) -> Refused | None:
    """Refuse above ``leverage_max`` times equity; exactly that much passes."""
    most = proposal.question.limits.leverage_max
    ceiling = of_all_symbols(proposal, Code.LEVERAGE, "leverage_max", most)
    return refused_above(ceiling, proposal)
