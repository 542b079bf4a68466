"""No breaker holds a scope that covers the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.gate import Level
from tidegate_kernel.time import format_time
from tidegate_risk.core.breakers.standing import holding
from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.breakers.standing import Standing
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse what a breaker's level does not let through."""
    standing = holding(question.state.breakers, question.coverage, question.activity)
    if standing is None:
        return None
    return Refused(
        code=Code.BREAKER_OPEN,
        expected=f"no breaker that holds {standing.scope} shut",
        found=f"{standing.breaker} at {Level(standing.level).name} since "
        f"{format_time(standing.since_ns)}: {standing.reason}",
        remedy=_remedy(standing),
        numbers=(
            number("breaker_level", standing.level, "level"),
            number("breaker_trip", standing.trip, "trip"),
        ),
    )


def _remedy(standing: Standing) -> str:
    if standing.until_ns:
        return f"it passes from {format_time(standing.until_ns)} on"
    return f"it passes after {standing.breaker} was lowered in that scope"
