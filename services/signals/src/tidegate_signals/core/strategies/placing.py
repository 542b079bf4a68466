"""The text of a strategy's prices, and the unit of its offsets."""

from __future__ import annotations

from tidegate_kernel.money import SCALE_MAX, plain, quantize_float

BPS = 10_000
REASON_EXTRA_PLACES = 2


def price_text(value: float, price_scale: int) -> str:
    """Write a computed price for people, two places finer than the instrument's."""
    places = min(price_scale + REASON_EXTRA_PLACES, SCALE_MAX)
    return plain(quantize_float(value / 10**price_scale, places))
