"""An order that has ended, with its executions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import OrderState, OrderType, Side
from tidegate_execution.core.orders.legs import legs_of
from tidegate_execution.core.quality.executed import Executed
from tidegate_execution.core.quality.structures import structures_of
from tidegate_kernel.fees import fee_in_quote, taken_in_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidegate_contracts.execution import Fill, OrderEvent
    from tidegate_kernel.structures import Leg


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
    # An order with legs: prices are net, of one unit of the structure, and may lie below zero.
    is_structure: bool = False
    executions: tuple[Executed, ...] = ()

    @property
    def filled(self) -> Decimal:
        """The quantity that was executed."""
        return sum((each.quantity for each in self.executions), Decimal(0))


def ended_of(event: OrderEvent, fills: Iterable[Fill]) -> Ended:
    """Return an order from its last event and its fills, in the order of booking."""
    wanted = event.specification
    executions = [(each.symbol, _executed(each)) for each in fills]
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
        is_structure=bool(wanted.legs),
        executions=executions_of(legs_of(wanted), executions),
    )


def executions_of(
    legs: Sequence[Leg], executions: Iterable[tuple[str, Executed]]
) -> tuple[Executed, ...]:
    """Return executions by symbol as those of the order: of one with legs, of whole structures."""
    if legs:
        return structures_of(legs, executions)
    return tuple(each for _, each in executions)


def _executed(fill: Fill) -> Executed:
    money = fee_in_money(fill.symbol, fill.fee, fill.fee_currency, fill.price)
    return Executed(fill.quantity, fill.price, money, fill.event_at_ns)


def fee_in_money(symbol: str, fee: Decimal, fee_currency: str, price: Decimal) -> Decimal:
    """Return a fee in the quote currency: one in kind is worth the execution's price.

    A fee in a third coin has no price here; it counts one to one, as every currency does.
    """
    if taken_in_kind(symbol, fee, fee_currency):
        return fee_in_quote(symbol, fee, fee_currency, price)
    return fee
