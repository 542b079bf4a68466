"""Exposure: the nearer all positions are to their limit, the smaller the next one is."""

from __future__ import annotations

from tidegate_risk.core.sizing.entry import Entry, Scale
from tidegate_risk.core.sizing.taper import tapered


def scale(entry: Entry) -> Scale:
    """Scale by how much of ``gross_exposure_max_fraction`` is taken, in the worst case."""
    question, limits = entry.question, entry.question.limits
    limit = limits.gross_exposure_max_fraction * question.equity
    used = question.gross_exposure
    start = limits.exposure_taper_start_fraction * limit
    factor = tapered(used, start, limit, limits.taper_size_min_fraction)
    return Scale("scale_by_exposure", factor, (("exposure_before", used, question.currency),))
