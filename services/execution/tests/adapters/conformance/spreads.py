"""A market in structures: one is offered at a net price of 3, nine more at 4.

Of a spread the bought leg costs 2 more than the net price, and the sold one brings 2. Whoever
closes gets 4.50 for the one and pays 2.50 for the other.
"""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.exchange.orders import Kind, Side, Ticket

from .worlds import PaperWorld, RealWorld

if TYPE_CHECKING:
    from tests.venues.server import TestVenue

    from .places import Place

BROUGHT = Decimal(2)


class RealSpreads(RealWorld):
    """The test venue's options, behind the real client."""

    def __init__(self, place: Place, venue: TestVenue) -> None:
        super().__init__(place, venue)
        self._quote([("5", "1"), ("6", "9")])

    def offers(self, price: str) -> None:
        """Offer 9 structures at a net price."""
        self._quote([(str(Decimal(price) + BROUGHT), "9")])

    def somebody_orders(self) -> None:
        """Let a structure rest that is nobody's here."""
        one = Decimal(1)
        legs = [
            Ticket(leg.symbol, Side(leg.side.name.lower()), one, ratio=one)
            for leg in self.place.legs
        ]
        parent = Ticket(legs[0].symbol, Side.BUY, one, kind=Kind.LIMIT, limit_price=one)
        self.exchange.submit_legs(parent, legs)

    def _quote(self, asks: list[tuple[str, str]]) -> None:
        bought, sold = (leg.symbol for leg in self.place.legs)
        self.exchange.quote(sold, [(str(BROUGHT), "9")], [("2.5", "9")])
        self.exchange.quote(bought, [("4.5", "9")], asks)


class PaperSpreads(PaperWorld):
    """The venue inside, with both options of a spread."""

    first_price = "3"

    def goes_on(self, price: str = "", quantity: str = "9") -> None:
        """Let a second's bars pass: one structure costs the price at their opens."""
        bought, sold = (leg.symbol for leg in self.place.legs)
        volume, start_ns = Decimal(quantity) * self.place.units, time.time_ns()
        self._bar(bought, Decimal(price or "3") + BROUGHT, volume, start_ns)
        self._bar(sold, BROUGHT, volume, start_ns)
