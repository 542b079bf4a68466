"""A strategy that repeated itself too often stays disabled until a person enables it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse every entry of a disabled strategy; see `tidegate_risk.core.book.repeats`."""
    strategy = question.signal.strategy
    disabled_at_ns = question.book.repeats.disabled.get(strategy)
    if disabled_at_ns is None:
        return None
    limits, scope = question.limits, f"strategy:{question.parameters.session}/{strategy}"
    return Refused(
        code=Code.REPEATED_EXECUTIONS,
        expected=f"fewer than {limits.repeat_executions_max} equal executions in a row "
        f"(repeat_executions_max), each within {limits.repeat_window_ns // NS_PER_SECOND} s",
        found=f"so many, {(question.now_ns - disabled_at_ns) // NS_PER_SECOND} s ago",
        remedy=f"it passes after two principals have lowered the gate of {scope}",
        numbers=(
            number("disabled_at", disabled_at_ns, "ns"),
            number("limit_repeat_executions_max", limits.repeat_executions_max, "orders"),
        ),
    )
