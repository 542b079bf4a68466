"""A signal belongs to this session and was made from this session's feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code, Refused

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse a signal of another session or feed."""
    signal, ours = question.signal, question.parameters
    if (signal.session, signal.feed) == (ours.session, ours.feed):
        return None
    return Refused(
        code=Code.FOREIGN_SIGNAL,
        expected=f"session {ours.session} and feed {ours.feed}",
        found=f"session {signal.session} and feed {signal.feed}",
        remedy="only signals made from this session's own feed pass",
    )
