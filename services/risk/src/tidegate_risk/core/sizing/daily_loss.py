"""The day's loss: the nearer it is to its limit, the less the next position may add to it."""

from __future__ import annotations

from tidegate_risk.core.sizing.entry import Entry, Scale
from tidegate_risk.core.sizing.taper import tapered


def scale(entry: Entry) -> Scale:
    """Scale by how much of ``daily_loss_max_percent`` is lost already."""
    question, limits = entry.question, entry.question.limits
    limit = limits.daily_loss_max_percent * question.book.day_start_equity / 100
    start = limits.loss_taper_start_fraction * limit
    factor = tapered(question.daily_loss, start, limit, limits.taper_size_min_fraction)
    return Scale("scale_by_daily_loss", factor)
