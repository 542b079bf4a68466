"""How a strategy's entries are placed, and the text of its prices."""

from __future__ import annotations

from enum import StrEnum

from tidegate_kernel.money import SCALE_MAX, plain, quantize_float

BPS = 10_000
REASON_EXTRA_PLACES = 2


class Order(StrEnum):
    """How entries are placed. Exits always go to the market: leaving must not wait."""

    MARKET = "market"
    LIMIT = "limit"


def entry_limit(order: Order, close: int, offset_bps: float, *, buying: bool) -> float | None:
    """Return an entry's limit price: ``offset_bps`` better than the close, or None."""
    if order is Order.MARKET:
        return None
    side = -1 if buying else 1
    return close * (BPS + side * offset_bps) / BPS


def price_text(value: float, price_scale: int) -> str:
    """Write a computed price for people, two places finer than the instrument's."""
    places = min(price_scale + REASON_EXTRA_PLACES, SCALE_MAX)
    return plain(quantize_float(value / 10**price_scale, places))
