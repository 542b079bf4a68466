"""Binance's algo service: where conditional orders of USD-M contracts wait, beside the exchange.

As Binance documents it (New Algo Order, Query Algo Order, user data stream: Algo Order Update): an
order waits under its `clientAlgoId`. When its price trades it is `TRIGGERING`; then an ordinary
order works in its place, with a number and a client id of the venue's own, and the service says
`TRIGGERED`, with that number as `actualOrderId`; `FINISHED` when that order has ended. The two
tell their updates by themselves: that of the ordinary order comes first here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from tests.venues.exchange.exchange import DUPLICATE, LATER, NOT_FOUND, NOT_OPEN
from tests.venues.exchange.market import touched
from tests.venues.exchange.orders import Kind, Order, Refused, Ticket

if TYPE_CHECKING:
    from tests.venues.exchange.exchange import Exchange
    from tests.venues.exchange.market import Market
    from tests.venues.exchange.orders import Update

FIRST_NUMBER = 2_000_001
WAITING_KINDS = frozenset({Kind.STOP, Kind.STOP_LIMIT, Kind.TRAILING_STOP})


class AlgoStatus(StrEnum):
    """States of a conditional order."""

    NEW = "NEW"
    TRIGGERING = "TRIGGERING"
    TRIGGERED = "TRIGGERED"
    FINISHED = "FINISHED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"


WAITING = frozenset({AlgoStatus.NEW, AlgoStatus.TRIGGERING})


@dataclass
class AlgoOrder:
    """A conditional order: `waits` watches the price; `became` is what works in its place."""

    waits: Order
    status: AlgoStatus = AlgoStatus.NEW
    became: Order | None = None
    reason: str = ""
    updated_at_ns: int = 0

    @property
    def ticket(self) -> Ticket:
        """Return what the client has asked for."""
        return self.waits.ticket

    @property
    def number(self) -> int:
        """Return the service's own number."""
        return self.waits.number

    @property
    def known(self) -> Order | None:
        """Return what the service says that it has become."""
        return None if self.status in WAITING else self.became


Listener = Callable[[AlgoOrder], None]


@dataclass
class AlgoService:
    """The conditional orders of one exchange."""

    exchange: Exchange
    orders: list[AlgoOrder] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    # True: the service does not know yet what its orders have become; see `catch_up`.
    lagging: bool = False

    def __post_init__(self) -> None:
        """Watch prices, and what becomes of the orders that were placed."""
        self.exchange.watchers.append(self._on_change)
        self.exchange.listeners.append(self._on_update)

    def place(self, ticket: Ticket) -> AlgoOrder:
        """Let an order wait; `Refused` when it is not taken."""
        exchange = self.exchange
        with exchange.lock:
            market = exchange.market(ticket.symbol)
            if any(
                each.ticket.client_order_id == ticket.client_order_id and each.status in WAITING
                for each in self.orders
            ):
                raise Refused(DUPLICATE, "client id must be unique")
            refusal = exchange.refusal()
            if refusal is not None and refusal[0] != LATER:
                raise Refused(*refusal)
            now_ns = exchange.clock()
            number = FIRST_NUMBER + len(self.orders)
            waits = Order(ticket, str(number), number, now_ns, stop_now=ticket.stop_price)
            if market.last and touched(waits, market.last):
                raise Refused("-2021", "Order would immediately trigger.")
            made = AlgoOrder(waits)
            self.orders.append(made)
            self._move(made, AlgoStatus.NEW)
            return made

    def find(self, client_id: str, number: str) -> AlgoOrder:
        """Return the newest order of a client's id, or the one of a number."""
        for each in reversed(self.orders):
            if each.ticket.client_order_id == client_id or str(each.number) == number:
                return each
        raise Refused(NOT_FOUND, "Order does not exist.")

    def cancel(self, order: AlgoOrder) -> None:
        """Cancel what still waits."""
        if order.status is not AlgoStatus.NEW:
            raise Refused(NOT_OPEN, "Unknown order sent.")
        self._move(order, AlgoStatus.CANCELED)

    def waiting(self) -> list[AlgoOrder]:
        """Return what is open here, and nowhere else."""
        return [each for each in self.orders if each.status in WAITING and each.became is None]

    def catch_up(self) -> None:
        """Learn what the orders have become."""
        with self.exchange.lock:
            self.lagging = False
            for order in self.orders:
                if order.status is AlgoStatus.TRIGGERING:
                    self._link(order)

    def _on_change(self, _what: str, market: Market) -> None:
        for order in [each for each in self.orders if each.status is AlgoStatus.NEW]:
            same = order.ticket.symbol == market.listing.symbol
            if same and market.last and touched(order.waits, market.last):
                self._trigger(order)

    def _trigger(self, order: AlgoOrder) -> None:
        self._move(order, AlgoStatus.TRIGGERING)
        limited = order.ticket.kind is Kind.STOP_LIMIT
        ordinary = replace(
            order.ticket,
            kind=Kind.LIMIT if limited else Kind.MARKET,
            stop_price=None,
            trail_percent=None,
            client_order_id="",
        )
        try:
            order.became = self.exchange.submit(ordinary)
        except Refused as refused:
            order.reason = refused.reason
            self._move(order, AlgoStatus.REJECTED)
            return
        if not self.lagging:
            self._link(order)

    def _link(self, order: AlgoOrder) -> None:
        assert order.became is not None, "it was triggered"
        self._move(order, AlgoStatus.TRIGGERED)
        if not order.became.is_open:
            self._move(order, AlgoStatus.FINISHED)

    def _on_update(self, update: Update) -> None:
        for order in self.orders:
            became = order.became
            ended = became is not None and became.number == update.order.number
            if ended and order.status is AlgoStatus.TRIGGERED and not update.order.is_open:
                self._move(order, AlgoStatus.FINISHED)

    def _move(self, order: AlgoOrder, status: AlgoStatus) -> None:
        order.status, order.updated_at_ns = status, self.exchange.clock()
        for listener in self.listeners:
            listener(order)
