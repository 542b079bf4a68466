"""One symbol's worst-case position is at most its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code, Refused, number, shown

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal


def check(proposal: Proposal) -> Refused | None:
    """Refuse above ``position_quantity_max``, the worst of both sides; exactly that much passes."""
    limit, unit = proposal.question.limits.position_quantity_max, proposal.instrument.base_currency
    found = proposal.position_quantity
    if found <= limit:
        return None
    return Refused(
        code=Code.POSITION_QUANTITY,
        expected=f"at most {shown(limit, unit)} in the worst case (position_quantity_max)",
        found=shown(found, unit),
        remedy="a smaller order passes, or the same one after the position has shrunk",
        numbers=(
            number("position_quantity_worst", found, unit),
            number("limit_position_quantity_max", limit, unit),
        ),
    )
