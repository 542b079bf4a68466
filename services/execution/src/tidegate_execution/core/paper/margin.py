"""What short positions keep from being spent, at the last closes.

A short's proceeds are cash, but they buy it back one day. So what is free is the cash, less what
open buys keep back, less what buying every short back would cost, less a share of the value of all
shorts, those included that open sells may still open. There is no margin call: when prices rise the
share only decides what may be added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import Side
from tidegate_execution.core.paper.book import listing_of
from tidegate_kernel.money import ZERO, to_decimal

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.execution import OrderSpecification
    from tidegate_execution.core.paper.book import PaperBook


def headroom(book: PaperBook, share: Decimal, specification: OrderSpecification) -> Decimal:
    """Return what would be free, before its cost, if an order filled whole."""
    free = book.cash - book.reserved_cash(specification.oco_group)
    own = listing_of(specification.venue, specification.symbol)
    for listing, bars in book.bars.items():
        if not bars:
            continue
        instrument = book.instruments[listing]
        held, sells = book.held(instrument.symbol), book.open_sells(listing)
        if listing == own and specification.side == Side.BUY:
            held += specification.quantity
        elif listing == own:
            sells += specification.quantity
        close = to_decimal(bars[-1].close, instrument.price_scale)
        free -= close * (max(-held, ZERO) + share * max(sells - held, ZERO))
    return free
