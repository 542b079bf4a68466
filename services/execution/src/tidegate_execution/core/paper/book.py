"""What the paper venue remembers: orders, holdings, cash, the last bars."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import (
    LegFilled,
    OrderState,
    Side,
    VenueExecution,
    VenueOrder,
)
from tidegate_contracts.market import Bar, Instrument
from tidegate_execution.core.paper.resting import RestingOrder
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable

OPEN = (OrderState.WORKING, OrderState.PARTIALLY_FILLED)


class PaperOrder(msgspec.Struct):
    """One order at the paper venue, open or ended."""

    resting: RestingOrder
    venue_order_id: str
    # The call that brought it, and the one that cancelled it: repeated, they get the same answer.
    call_id: str
    state: OrderState
    event_at_ns: int
    arrives_at_ns: int
    cancel_call_id: str = ""
    code: str = ""
    reason: str = ""
    filled: Decimal = ZERO
    executions: list[VenueExecution] = []
    # Executions of earlier orders under the same id, where ids may be used again.
    executions_before: int = 0
    # Cash that an open buy keeps back, per unit.
    reserved_per_unit: Decimal = ZERO
    # What fills of other orders of its choice have taken from its quantity.
    reduced: Decimal = ZERO
    # What its executions came to without an order's minimum, where there is one.
    fees_without_min: Decimal = ZERO

    @property
    def client_order_id(self) -> str:
        """The id that execution gave."""
        return self.resting.specification.client_order_id

    @property
    def is_open(self) -> bool:
        """Tell whether it may still fill."""
        return self.state in OPEN

    def as_venue_order(self) -> VenueOrder:
        """Write the order as a query's answer."""
        return VenueOrder(
            client_order_id=self.client_order_id,
            found=True,
            venue_order_id=self.venue_order_id,
            state=self.state,
            filled_quantity=self.filled,
            executions=tuple(self.executions),
            specification=self.resting.specification,
            event_at_ns=self.event_at_ns,
            legs_filled=self.legs_filled(),
        )

    def legs_filled(self) -> tuple[LegFilled, ...]:
        """Return what is executed of each leg; nothing of an order without legs."""
        return tuple(
            LegFilled(
                symbol=leg.symbol,
                filled_quantity=sum(
                    (each.quantity for each in self.executions if each.symbol == leg.symbol), ZERO
                ),
            )
            for leg in self.resting.specification.legs
        )


class PaperBook(msgspec.Struct):
    """The whole state of the paper venue."""

    cash: Decimal
    instruments: dict[str, Instrument] = {}
    orders: dict[str, PaperOrder] = {}
    # listing -> client order ids of its open orders, in order of arrival.
    resting: dict[str, list[str]] = {}
    # Ended orders, oldest first.
    ended: list[str] = []
    # Client order ids of open orders with legs, in order of arrival: they rest in no one listing.
    structures: list[str] = []
    holdings: dict[str, Decimal] = {}
    # listing -> the last bars, oldest first.
    bars: dict[str, list[Bar]] = {}
    arrivals: int = 0
    # Group -> client order ids of the orders that are one choice (OCO), as long as remembered.
    choices: dict[str, list[str]] = {}
    # UTC day -> value traded, as far as fee tiers need it.
    traded: dict[int, Decimal] = {}

    def held(self, symbol: str) -> Decimal:
        """Return the signed holding of a symbol."""
        return self.holdings.get(symbol, ZERO)

    def book(self, symbol: str, side: Side, quantity: Decimal, cost: Decimal, fee: Decimal) -> None:
        """Move units against cash; ``cost`` is quantity × price, above 0."""
        sign = 1 if side == Side.BUY else -1
        self.change(symbol, sign * quantity, -(sign * cost + fee))

    def change(self, symbol: str, quantity: Decimal, cash: Decimal) -> None:
        """Add signed changes that no order made."""
        after = self.held(symbol) + quantity
        if after == 0:
            self.holdings.pop(symbol, None)
        else:
            self.holdings[symbol] = after
        self.cash += cash

    def reserved_cash(self, choice: str = "") -> Decimal:
        """Return what open buys may still cost; those of a choice are left out."""
        if not self.choices:
            return sum(
                (
                    order.resting.remaining * order.reserved_per_unit
                    for ids in (*self.resting.values(), self.structures)
                    for order in map(self.orders.__getitem__, ids)
                ),
                ZERO,
            )
        return _worst(
            (each, each.resting.remaining * each.reserved_per_unit)
            for ids in (*self.resting.values(), self.structures)
            for each in map(self.orders.__getitem__, ids)
            if not choice or each.resting.specification.oco_group != choice
        )

    def open_orders(self, listing: str) -> list[PaperOrder]:
        """Return the open orders of a listing, those with a leg of it last."""
        found = [self.orders[each] for each in self.resting.get(listing, ())]
        for order in map(self.orders.__getitem__, self.structures):
            wanted = order.resting.specification
            if any(listing_of(wanted.venue, leg.symbol) == listing for leg in wanted.legs):
                found.append(order)
        return found

    def open_sells(self, listing: str, choice: str = "") -> Decimal:
        """Return what open sells of a listing may still take; those of a choice are left out."""
        return _worst(
            (each, each.resting.remaining)
            for each in map(self.orders.__getitem__, self.resting.get(listing, ()))
            if each.resting.specification.side == Side.SELL
            and (not choice or each.resting.specification.oco_group != choice)
        )


def _worst(amounts: Iterable[tuple[PaperOrder, Decimal]]) -> Decimal:
    """Add amounts up; of a choice only the largest counts, for only one of its orders fills."""
    total = ZERO
    largest: dict[str, Decimal] = {}
    for order, amount in amounts:
        choice = order.resting.specification.oco_group
        if choice:
            largest[choice] = max(largest.get(choice, ZERO), amount)
        else:
            total += amount
    return sum(largest.values(), total)


def listing_of(venue: str, symbol: str) -> str:
    """Return the key of one symbol at one venue."""
    return f"{venue}|{symbol}"
