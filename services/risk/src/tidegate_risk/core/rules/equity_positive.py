"""There is equity to trade with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code, Refused, number, shown

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse at zero equity and below."""
    equity = question.equity
    if equity > 0:
        return None
    return Refused(
        code=Code.EQUITY_EXHAUSTED,
        expected="equity above 0",
        found=shown(equity, question.currency),
        remedy="positions can be closed; nothing can be opened before capital is added",
        numbers=(number("equity", equity, question.currency),),
    )
