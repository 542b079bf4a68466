"""An order that has ended, with its executions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import OrderState, OrderType, Side
from tidegate_kernel.fees import fee_in_quote, taken_in_kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_contracts.execution import Fill, OrderEvent


class Executed(msgspec.Struct, frozen=True, gc=False):
    """One execution; prices and fee are in the quote currency, the quantity is above 0."""

    quantity: Decimal
    price: Decimal
    fee: Decimal
    event_at_ns: int
    # The middle between bid and ask just before it; None when there are no quotes.
    middle: Decimal | None = None


class Ended(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What became of one order."""

    session: str
    venue: str
    strategy: str
    # +1 for a buy, -1 for a sell.
    sign: int
    is_market: bool
    quantity: Decimal
    # The last close when it was decided, and when it had ended; None where none was known.
    arrival_price: Decimal | None
    closing_price: Decimal | None
    decided_at_ns: int
    # Whether a request to send it may have left.
    sent: bool
    rejected: bool
    executions: tuple[Executed, ...] = ()

    @property
    def filled(self) -> Decimal:
        """The quantity that was executed."""
        return sum((each.quantity for each in self.executions), Decimal(0))


def ended_of(event: OrderEvent, fills: Iterable[Fill]) -> Ended:
    """Return an order from its last event and its fills."""
    wanted = event.specification
    return Ended(
        session=event.session,
        venue=wanted.venue,
        strategy=event.strategy,
        sign=1 if wanted.side is Side.BUY else -1,
        is_market=wanted.order_type is OrderType.MARKET,
        quantity=wanted.quantity,
        arrival_price=event.arrival_price,
        closing_price=event.market_price,
        decided_at_ns=event.decided_at_ns,
        sent=event.sends > 0,
        rejected=event.state is OrderState.REJECTED,
        executions=tuple(
            Executed(
                each.quantity,
                each.price,
                fee_in_money(wanted.symbol, each.fee, each.fee_currency, each.price),
                each.event_at_ns,
            )
            for each in fills
        ),
    )


def fee_in_money(symbol: str, fee: Decimal, fee_currency: str, price: Decimal) -> Decimal:
    """Return a fee in the quote currency: one in kind is worth the execution's price.

    A fee in a third coin has no price here; it counts one to one, as every currency does.
    """
    if taken_in_kind(symbol, fee, fee_currency):
        return fee_in_quote(symbol, fee, fee_currency, price)
    return fee
