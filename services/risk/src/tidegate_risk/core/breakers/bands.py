"""Prices between which no breaker that watches equity can trip.

Equity is cash plus positions at the newest closes. While it is S above the figure at which the
first breaker trips, and n listings are held, it stays above that figure as long as no listing by
itself costs S / n. So each listing gets a band of closes: inside all bands nothing can have
happened, and a bar costs one look-up. A close outside is no trip yet; it is a reason to count.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.frame import Frame
    from tidegate_risk.core.book.book import Book

Band = tuple[int, int]
"""The closes at or below the first and at or above the second must be looked at."""

_CLOSE = 4
_PLACES_FIRST = 256
_UNBOUNDED = 2**62
NOWHERE: Band = (_UNBOUNDED, -_UNBOUNDED)
"""No close is inside."""


def bands_of(book: Book, equity: Decimal, floor: Decimal, ceiling: Decimal) -> dict[str, Band]:
    """Return a band for every held listing; ``floor`` below and ``ceiling`` above equity.

    An infinite floor or ceiling watches nothing on that side.
    """
    held = book.holdings.positions
    if not held or not floor < equity < ceiling:
        return dict.fromkeys(held, NOWHERE)
    down, up = (equity - floor) / len(held), (ceiling - equity) / len(held)
    return {
        listing: _band(book, listing, *((down, up) if quantity > 0 else (up, down)))
        for listing, quantity in held.items()
    }


def _band(book: Book, listing: str, fall: Decimal, rise: Decimal) -> Band:
    """Return the band of a listing that may lose or gain so much value by falling or rising."""
    price = book.market.price_of(listing)
    if price is None:
        return NOWHERE
    scale = book.market.instruments[listing].price_scale
    size = abs(book.holdings.positions[listing])
    low, high = -_UNBOUNDED, _UNBOUNDED
    if fall.is_finite():
        lowest = (price - fall / size).scaleb(scale)
        low = max(low, int(lowest.to_integral_value(ROUND_CEILING)))
    if rise.is_finite():
        highest = (price + rise / size).scaleb(scale)
        high = min(high, int(highest.to_integral_value(ROUND_FLOOR)))
    return low, high


def first_outside(bands: dict[str, Band], frame: Frame, first: int, last: int) -> int:
    """Return the first row whose close is outside of its listing's band, else ``last``."""
    for code, instrument in enumerate(frame.instruments):
        band = bands.get(f"{instrument.venue}|{instrument.symbol}")
        if band is not None:
            last = _first_of(frame, code, band, (first, last))
    return last


def _first_of(frame: Frame, code: int, band: Band, rows: tuple[int, int]) -> int:
    part = frame.parts[code]
    closes = part.values[_CLOSE]
    place, end = part.place_of(rows[0]), part.place_of(rows[1])
    width = _PLACES_FIRST
    while place < end:
        stop = min(place + width, end)
        some = closes[place:stop]
        outside = (some <= band[0]) | (some >= band[1])
        found = int(outside.argmax())
        if outside[found]:
            return part.row_of(place + found, rows[1])
        place, width = stop, width * 2
    return rows[1]
