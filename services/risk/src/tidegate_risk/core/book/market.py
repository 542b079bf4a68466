"""Prices: the newest bar of every listing, in the units of its instrument."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.market import Bar, Instrument
from tidegate_kernel.money import ZERO, checked_int64, to_decimal

if TYPE_CHECKING:
    from decimal import Decimal


def listing_of(venue: str, symbol: str) -> str:
    """Name a symbol at a venue: the unit in which the book is kept."""
    return f"{venue}|{symbol}"


def is_finer(bar: Bar, known: Bar) -> bool:
    """Tell whether a bar ends with the known one and is shorter."""
    return bar.end_ns == known.end_ns and bar.timeframe_ns < known.timeframe_ns


class Market(msgspec.Struct, dict=True):
    """Instruments and their newest bars, by listing."""

    instruments: dict[str, Instrument] = {}
    bars: dict[str, Bar] = {}

    def __post_init__(self) -> None:
        # The newest closes that somebody has asked for: worked out, so no part of the state.
        self._prices: dict[str, Decimal] = {}
        # How often one of these was dropped, and how often an instrument was described.
        self.moves = 0
        self.described = 0

    def describe(self, instrument: Instrument) -> None:
        """Take an instrument, or its newer description."""
        listing = listing_of(instrument.venue, instrument.symbol)
        self.instruments[listing] = instrument
        self._prices.pop(listing, None)
        self.moves += 1
        self.described += 1

    def mark(self, bar: Bar) -> None:
        """Take a bar if it is news; of two that end together the shorter one counts."""
        listing = f"{bar.venue}|{bar.symbol}"
        known = self.bars.get(listing)
        if known is None or bar.end_ns > known.end_ns or is_finer(bar, known):
            self.bars[listing] = bar
            if listing in self._prices:
                del self._prices[listing]
                self.moves += 1

    def split(self, listing: str, at_ns: int, ratio: Decimal) -> None:
        """Bring a bar of before a split over it: as many times more units, each worth less."""
        bar = self.bars.get(listing)
        if bar is None or bar.end_ns > at_ns or ratio <= 0:
            return
        prices = [
            checked_int64(int((each / ratio).to_integral_value(ROUND_HALF_EVEN)))
            for each in (bar.open, bar.high, bar.low, bar.close)
        ]
        self.bars[listing] = msgspec.structs.replace(
            bar, **dict(zip(("open", "high", "low", "close"), prices, strict=True))
        )
        self._prices.pop(listing, None)
        self.moves += 1

    def lot_of(self, listing: str) -> Decimal:
        """Return the smallest step of an order's quantity; 0 while nobody has said."""
        known = self.instruments.get(listing)
        return ZERO if known is None else known.lot_size

    def price_of(self, listing: str) -> Decimal | None:
        """Return the newest close, or None while there is none."""
        if listing in self._prices:
            return self._prices[listing]
        bar = self.bars.get(listing)
        instrument = self.instruments.get(listing)
        if bar is None or instrument is None:
            return None
        price = to_decimal(bar.close, instrument.price_scale)
        self._prices[listing] = price
        return price
