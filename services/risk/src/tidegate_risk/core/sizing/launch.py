"""Launch: a session begins with small sizes, which grow to the whole while people watch it."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

from tidegate_risk.core.sizing.entry import Entry, Scale
from tidegate_risk.core.sizing.taper import STEP, WHOLE


def scale(entry: Entry) -> Scale:
    """Scale by how long ago the session's first signal came."""
    question, limits = entry.question, entry.question.limits
    passed_ns = question.now_ns - question.state.began_ns
    factor = share_of(passed_ns, limits.launch_ramp_ns, limits.launch_size_fraction)
    return Scale("scale_by_launch", factor)


def share_of(passed_ns: int, ramp_ns: int, start: Decimal) -> Decimal:
    """Return ``start`` at the beginning, 1 after the ramp, the line between, rounded down."""
    if passed_ns >= ramp_ns:
        return WHOLE
    share = start + (WHOLE - start) * max(passed_ns, 0) / ramp_ns
    return share.quantize(STEP, ROUND_FLOOR)
