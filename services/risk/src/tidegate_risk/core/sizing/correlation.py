"""Correlation: what moves like something that is held already is given less."""

from __future__ import annotations

from decimal import Decimal

from tidegate_risk.core.sizing.entry import Entry, Scale
from tidegate_risk.core.sizing.taper import WHOLE, tapered


def scale(entry: Entry) -> Scale | None:
    """Scale by the highest correlation with a position; nothing to say without estimates.

    A long position beside a long order counts as it is, a short one with its sign turned.
    """
    question, limits = entry.question, entry.question.limits
    if question.unmeasured is not None:
        return None
    highest, sign = 0.0, entry.sign
    for listing, correlation in question.correlations.items():
        extremes, alike = question.exposures[listing], sign * correlation
        if (alike > 0 and extremes.most > 0) or (alike < 0 and extremes.least < 0):
            highest = max(highest, abs(correlation))
    found = Decimal(str(highest))
    factor = tapered(
        found, limits.correlation_threshold, WHOLE, limits.correlation_size_min_fraction
    )
    return Scale("scale_by_correlation", factor, (("correlation", found, "fraction"),))
