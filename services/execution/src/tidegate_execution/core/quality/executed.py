"""One execution, as everything here looks at it."""

from __future__ import annotations

from decimal import Decimal

import msgspec


class Executed(msgspec.Struct, frozen=True, gc=False):
    """One execution; prices and fee are in the quote currency, the quantity is above 0.

    Of a structure the net price of a unit, which may lie below 0.
    """

    quantity: Decimal
    price: Decimal
    fee: Decimal
    event_at_ns: int
    # The middle between bid and ask just before it; None when there are no quotes.
    middle: Decimal | None = None
