"""Bars and prices at both places.

Signals come from waves: a wave is one bar of every symbol, a minute of the feed's time each. Closes
go up for two bars and down for two, so that a fast average of one bar crosses a slow one of two
with every turn; half of the symbols are a bar ahead, so that every wave makes orders. One strategy
enters at the market, one by limits a little below the close, which rest until prices come down.
Bars are dated ahead of the clock, so that each began after every order that is held: only such bars
trigger one. Bars of shares hardly move, so that strategies leave them to people; their prices
at the venue do, and trigger what waits there. Options have one bar.
"""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.exchange.tape import NS_PER_MINUTE, PublishedBar

from .places import AHEAD_MINUTES, PLACES, PRICE, SHARE, Place, quote, quote_options

if TYPE_CHECKING:
    from tests.venues.server import TestVenue

LEVELS = tuple(Decimal(each) for each in ("1.000", "1.001", "1.002", "1.001"))
SHARE_LEVELS = tuple(
    Decimal(each) for each in ("1", "1.002", "1.004", "1.002", "1", "0.997", "0.995")
)
SHARE_BAR_EVERY = 5


class Waves:
    """Bars that make the strategies of both sessions trade, and quotes that go with them."""

    def __init__(self, venue: TestVenue) -> None:
        self._venue = venue
        now_ns = time.time_ns() // NS_PER_MINUTE * NS_PER_MINUTE
        self._next_ns = now_ns + AHEAD_MINUTES * NS_PER_MINUTE
        self.count = 0

    def play(self, places: tuple[Place, ...] = PLACES) -> None:
        """Move every price, and publish one bar of every symbol, at some of the places."""
        for place in places:
            for index, (listed, _) in enumerate(place.symbols):
                self._play(place, listed, self.count + index % 2)
            for index, listed in enumerate(place.shares):
                self._play_share(place, listed, self.count + index)
        self.count += 1
        self._next_ns += NS_PER_MINUTE

    def _play(self, place: Place, listed: str, phase: int) -> None:
        opened, closed = (PRICE * LEVELS[(phase + each) % len(LEVELS)] for each in (-1, 0))
        quote(self._venue, place, listed, closed)
        high, low = max(opened, closed), min(opened, closed)
        prices = (f"{opened:.2f}", f"{high:.2f}", f"{low:.2f}", f"{closed:.2f}")
        self._venue.publish(
            place.exchange, PublishedBar.of(listed, self._next_ns, prices, "100000")
        )

    def _play_share(self, place: Place, listed: str, phase: int) -> None:
        quote(self._venue, place, listed, SHARE * SHARE_LEVELS[phase % len(SHARE_LEVELS)])
        if self.count % SHARE_BAR_EVERY == 0:
            bar = PublishedBar.of(listed, self._next_ns, (f"{SHARE:.2f}",) * 4, "100000")
            self._venue.publish(place.exchange, bar)

    def close_of(self, place: Place, symbol: str) -> Decimal:
        """Return the newest close of what strategies trade, or the price that shares begin with."""
        for index, (_, named) in enumerate(place.symbols):
            if named == symbol:
                return PRICE * self._level(index)
        return SHARE

    def quote_again(self) -> None:
        """Quote what was quoted last: what was filled in part is filled further."""
        for place in PLACES:
            for index, (listed, _) in enumerate(place.symbols):
                quote(self._venue, place, listed, PRICE * self._level(index))
            for index, listed in enumerate(place.shares):
                level = SHARE_LEVELS[(self.count - 1 + index) % len(SHARE_LEVELS)]
                quote(self._venue, place, listed, SHARE * level)
        quote_options(self._venue)

    def go_on(self) -> None:
        """Let prices reach every level for a moment, without a bar: nobody here hears of it."""
        for place in PLACES:
            for level in (min(LEVELS), max(LEVELS)):
                for listed, _ in place.symbols:
                    quote(self._venue, place, listed, PRICE * level)
            for level in (min(SHARE_LEVELS), max(SHARE_LEVELS)):
                for listed in place.shares:
                    quote(self._venue, place, listed, SHARE * level)
        self.quote_again()

    def _level(self, index: int) -> Decimal:
        return LEVELS[(self.count - 1 + index % 2) % len(LEVELS)]
