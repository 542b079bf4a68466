"""No more symbols are held, or about to be, than the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal


def check(proposal: Proposal) -> Refused | None:
    """Refuse a symbol beyond ``open_positions_max``; a symbol that is exposed already passes."""
    question = proposal.question
    exposed, limit = question.exposed_listings, question.limits.open_positions_max
    if question.listing in exposed or len(exposed) < limit:
        return None
    return Refused(
        code=Code.OPEN_POSITIONS,
        expected=f"fewer than {limit} symbols held or being bought (open_positions_max)",
        found=", ".join(each.partition("|")[2] for each in exposed) or "none",
        remedy="it passes after one of them has been closed",
        numbers=(
            number("open_positions", len(exposed), "symbols"),
            number("limit_open_positions_max", limit, "symbols"),
        ),
    )
