"""Drawdown: the middle rung of a ladder.

Above it people are told (alerts: drawdown, 10 %), and on the last rung everything halts (the
breaker ``drawdown``, 25 %). From `drawdown_shrink_percent`, 15 %, on, sizes shrink.
"""

from __future__ import annotations

from decimal import Decimal

from tidegate_risk.core.sizing.entry import Entry, Scale
from tidegate_risk.core.sizing.taper import WHOLE


def scale(entry: Entry) -> Scale:
    """Scale by how far equity is below its highest."""
    drawdown, limits = 100 * entry.question.drawdown, entry.question.limits
    factor = share_of(drawdown, limits.drawdown_shrink_percent, limits.drawdown_size_fraction)
    shown = round(drawdown, 4)
    return Scale("scale_by_drawdown", factor, (("drawdown", shown, "percent"),))


def share_of(drawdown_percent: Decimal, shrink_percent: Decimal, share: Decimal) -> Decimal:
    """Return the whole size above the rung, ``share`` of it from the rung on."""
    return share if drawdown_percent >= shrink_percent else WHOLE
