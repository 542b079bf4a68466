"""The gate is open for what the order does, in every scope that covers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.gate import passes
from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse what the worst covering level does not let through."""
    level = question.gate.level_for(question.coverage)
    if passes(level, question.activity):
        return None
    kind = "an order that may increase" if question.increasing else "an order that only reduces"
    return Refused(
        code=Code.GATE_CLOSED,
        expected=f"a gate that lets {kind} through",
        found=f"{level.name} in scope {question.gate.cause_for(question.coverage)}",
        remedy="it passes after two principals have lowered that scope",
        numbers=(number("gate_level", int(level), "level"),),
    )
