"""Open orders: what an approval reserves, until the order has provably ended.

1. An approved verdict reserves its whole quantity at once.
2. The order's events keep the reservation; its fills shrink it.
3. An ended order is forgotten when every fill that the venue counted has arrived, in whichever
   order the two come.
4. Execution answers every approval that it reads, an expired one with a refusal, so on the wall's
   clock an approval stays reserved until the answer comes: silence proves nothing while the bus is
   away. In lockstep an instant is over only when execution has answered, so silence until a later
   instant proves that no order was made.
5. Protective exits, which execution places in the name of a filled entry, are not counted: they can
   only lessen what is held, end each other, and make room for whatever else closes.
6. An order that execution carries out in slices is counted whole until it ends. Its slices are not
   counted beside it; their fills shrink it.
7. An order with legs is one open order in the listing of each leg (`structures.reserving`): any of
   them may fill, whatever becomes of the others.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import OrderState, Side
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.money import ZERO
from tidegate_risk.core.book.market import listing_of
from tidegate_risk.core.structures.reserving import booked_of, leg_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_contracts.execution import Fill, OrderEvent
    from tidegate_risk.core.book.market import Market

ENDED = frozenset(
    {OrderState.FILLED, OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED}
)


class OpenOrder(msgspec.Struct):
    """One order that may still fill."""

    strategy: str
    listing: str
    side: Side
    quantity: Decimal
    price: Decimal
    reduce_only: bool
    # None for a market order, and for one that was approved before this was kept.
    limit_price: Decimal | None = None
    filled: Decimal = ZERO
    # Session time after which silence proves that there is no order; 0 = it never does.
    forget_after_ns: int = 0
    ended: bool = False
    # Execution carries it out in slices, which are later legs of its signal.
    sliced: bool = False
    # Cash that each unit keeps back besides its price: what a structure may lose more.
    kept_per_unit: Decimal = ZERO

    @property
    def remaining(self) -> Decimal:
        """The quantity that may still fill."""
        return max(self.quantity - self.filled, ZERO)


class OpenOrders(msgspec.Struct):
    """Every order that may still fill, by client order id."""

    by_id: dict[str, OpenOrder] = {}

    def reserve(self, client_order_id: str, order: OpenOrder) -> None:
        """Count an order as open from its approval on."""
        self.by_id[client_order_id] = order

    def report(self, event: OrderEvent, market: Market) -> None:
        """Take an order's event; ``market`` values an order that risk did not approve itself."""
        specification = event.specification
        if specification.legs:
            self._report_legs(event, market)
            return
        order = self.by_id.get(specification.client_order_id)
        if order is None:
            if event.state in ENDED or _is_protective(event) or self._is_slice(event):
                return
            listing = listing_of(specification.venue, specification.symbol)
            order = OpenOrder(
                strategy=event.strategy,
                listing=listing,
                side=specification.side,
                quantity=specification.quantity,
                price=specification.limit_price
                or specification.trigger_price
                or market.price_of(listing)
                or ZERO,
                reduce_only=specification.reduce_only,
                limit_price=specification.limit_price,
                filled=event.filled_quantity,
                sliced=specification.algorithm is not None,
            )
            self.by_id[specification.client_order_id] = order
        order.forget_after_ns = 0
        if event.state in ENDED:
            order.ended = True
            order.quantity = event.filled_quantity
        elif not order.ended:
            # A closing order is sized by execution, from what is held once entries are cancelled.
            order.quantity = specification.quantity
        if order.ended:
            self._forget_if_settled(specification.client_order_id, order)

    def _report_legs(self, event: OrderEvent, market: Market) -> None:
        """Take an event of an order with legs: each of them ends, or is as large as it says."""
        specification, ended = event.specification, event.state in ENDED
        for leg in specification.legs:
            key = leg_key(specification.client_order_id, leg.symbol)
            order, booked = self.by_id.get(key), booked_of(event, leg.symbol)
            if order is None and ended:
                continue
            if order is None:
                listing = listing_of(specification.venue, leg.symbol)
                order = self.by_id[key] = OpenOrder(
                    strategy=event.strategy,
                    listing=listing,
                    side=leg.side,
                    quantity=ZERO,
                    price=market.price_of(listing) or ZERO,
                    reduce_only=specification.reduce_only,
                    filled=booked,
                )
            order.forget_after_ns = 0
            order.ended = order.ended or ended
            if ended or not order.ended:
                order.quantity = booked if ended else specification.quantity * leg.ratio
            if order.ended:
                self._forget_if_settled(key, order)

    def fill(self, fill: Fill) -> None:
        """Shrink the order that was filled, or that a slice is a part of."""
        key, order = self.approved(fill)
        if order is not None:
            order.filled += fill.quantity
            order.forget_after_ns = 0
            if order.ended:
                self._forget_if_settled(key, order)

    def approved(self, fill: Fill) -> tuple[str, OpenOrder | None]:
        """Return the id and the order whose approval a fill uses up; None when it is none."""
        order = self.by_id.get(fill.client_order_id)
        if order is None:
            key = leg_key(fill.client_order_id, fill.symbol)
            leg = self.by_id.get(key)
            if leg is not None:
                return key, leg
        if order is None and fill.leg > 0 and fill.signal_key:
            key = client_order_id(fill.signal_key, 0)
            parent = self.by_id.get(key)
            if parent is not None and parent.sliced and parent.side == fill.side:
                return key, parent
        return fill.client_order_id, order

    def _is_slice(self, event: OrderEvent) -> bool:
        if event.leg == 0 or event.signal_key == "":
            return False
        parent = self.by_id.get(client_order_id(event.signal_key, 0))
        return parent is not None and parent.sliced and parent.side == event.specification.side

    def forget_unanswered(self, now_ns: int) -> None:
        """Drop the approvals of which silence has proven that no order was made."""
        if not self.by_id:
            return
        late = [key for key, order in self.by_id.items() if 0 < order.forget_after_ns < now_ns]
        for key in late:
            del self.by_id[key]

    def open_quantity(self, listing: str, side: Side, strategy: str | None = None) -> Decimal:
        """Sum what may still fill on one side of a listing, of one strategy or of all."""
        if not self.by_id:
            return ZERO
        return sum(
            (
                order.remaining
                for order in self._of(listing)
                if order.side == side and strategy in (None, order.strategy)
            ),
            ZERO,
        )

    def has_entries(self, listing: str, strategy: str) -> bool:
        """Tell whether a strategy has an order open that could increase its position."""
        return any(
            order.strategy == strategy and not order.reduce_only and order.remaining > 0
            for order in self._of(listing)
        )

    def open_sides(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Sum what may still fill by listing: all buys, and all sells."""
        found: dict[str, tuple[Decimal, Decimal]] = {}
        for order in self.by_id.values():
            remaining = order.remaining
            if remaining == 0:
                continue
            buys, sells = found.get(order.listing, (ZERO, ZERO))
            if order.side == Side.BUY:
                found[order.listing] = (buys + remaining, sells)
            else:
                found[order.listing] = (buys, sells + remaining)
        return found

    def against(self, listing: str, side: Side) -> Iterator[OpenOrder]:
        """Yield the orders of a listing that work on the other side."""
        return (
            order
            for order in self._of(listing)
            if order.side != side and order.remaining > 0 and not order.ended
        )

    def reserved_cash(self) -> Decimal:
        """Sum what all open entry orders would cost, sells as much as buys, without a buffer."""
        if not self.by_id:
            return ZERO
        entries = (order for order in self.by_id.values() if not order.reduce_only)
        return sum((each.remaining * (each.price + each.kept_per_unit) for each in entries), ZERO)

    def entry_listings(self) -> list[str]:
        """Return the listings in which an entry order is open, in order of approval."""
        if not self.by_id:
            return []
        entries = (order for order in self.by_id.values() if not order.reduce_only)
        return list(dict.fromkeys(order.listing for order in entries if order.remaining > 0))

    def count(self) -> int:
        """Return the number of orders that may still fill."""
        if not self.by_id:
            return 0
        return sum([1 for order in self.by_id.values() if order.remaining > 0])

    def _of(self, listing: str) -> Iterator[OpenOrder]:
        return (order for order in self.by_id.values() if order.listing == listing)

    def _forget_if_settled(self, key: str, order: OpenOrder) -> None:
        if order.filled >= order.quantity:
            del self.by_id[key]


def _is_protective(event: OrderEvent) -> bool:
    """Tell whether execution made an order by itself from an entry: a later leg that reduces."""
    return event.leg > 0 and event.signal_key != "" and event.specification.reduce_only
