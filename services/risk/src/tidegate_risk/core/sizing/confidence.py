"""Confidence: a signal that is less sure of itself is given less."""

from __future__ import annotations

from decimal import Decimal

from tidegate_risk.core.sizing.entry import Entry, Scale
from tidegate_risk.core.sizing.taper import WHOLE


def scale(entry: Entry) -> Scale:
    """Scale by the signal's confidence."""
    confidence = Decimal(str(entry.question.signal.confidence))
    factor = share_of(confidence, entry.question.limits.confidence_size_min_fraction)
    return Scale("scale_by_confidence", factor, (("confidence", confidence, "fraction"),))


def share_of(confidence: Decimal, least: Decimal) -> Decimal:
    """Return ``least`` at no confidence, 1 at full confidence, and the line between."""
    return least + (WHOLE - least) * confidence
