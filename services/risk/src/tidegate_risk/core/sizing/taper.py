"""A straight line from the whole size to a smaller one, between two figures."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

WHOLE = Decimal(1)
STEP = Decimal("0.0001")


def tapered(found: Decimal, start: Decimal, end: Decimal, least: Decimal) -> Decimal:
    """Return 1 up to ``start``, ``least`` from ``end`` on, and the line between, rounded down."""
    if found <= start:
        return WHOLE
    if found >= end:
        return least
    share = WHOLE - (WHOLE - least) * (found - start) / (end - start)
    return share.quantize(STEP, ROUND_FLOOR)
