"""Entries are allowed: nobody has put the symbol or the strategy on the restricted list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code, Refused

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse an entry where ``entries_allowed`` is false."""
    if question.limits.entries_allowed:
        return None
    signal = question.signal
    return Refused(
        code=Code.RESTRICTED,
        expected="a symbol and a strategy with entries_allowed: true",
        found=f"entries_allowed: false for {signal.strategy} in {signal.symbol}",
        remedy="it passes once the limits allow entries there; whatever reduces passes now",
    )
