"""Ramp: after a breaker was lowered, sizes grow back; see `breakers.recovery`."""

from __future__ import annotations

from tidegate_risk.core.breakers.recovery import ramp_of
from tidegate_risk.core.sizing.entry import Entry, Scale


def scale(entry: Entry) -> Scale:
    """Scale by how long ago the last breaker that covers the order was lowered."""
    question = entry.question
    breakers = question.limits.breakers
    share = ramp_of(question.state.breakers, breakers, question.coverage, question.now_ns)
    return Scale("scale_by_ramp", share)
