"""A simulated venue that takes an entry together with its exit, as Alpaca does.

The exit is in the book from then on, as an order of its own, and rests only when the entry has
filled completely. An entry that ends otherwise takes it along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderState, SubmitOrder, VenueReportKind
from tidegate_execution.core.orders.attached import entry_of
from tidegate_execution.core.paper.book import PaperOrder, listing_of
from tidegate_execution.core.paper.filling import end, report
from tidegate_execution.core.paper.resting import RestingOrder
from tidegate_kernel.machine import Called

if TYPE_CHECKING:
    from tidegate_execution.core.paper.book import PaperBook
    from tidegate_execution.core.paper.parameters import PaperVenueParameters
    from tidegate_kernel.machine import Effect, Event


ENTRY_ENDED = "its entry has ended"


class Together:
    """The exits at a venue that wait for their entries."""

    def __init__(self, parameters: PaperVenueParameters, book: PaperBook) -> None:
        """Find those that wait in a book, as it may have been snapshotted."""
        self._parameters = parameters
        self._book = book
        self._waiting = [identity for identity in book.orders if self._waits(identity)]

    def see(self, event: Event, now_ns: int) -> list[Effect]:
        """Take exits that came with an event, and let go those whose entry it has ended."""
        request = event.body if isinstance(event, Called) else None
        if isinstance(request, SubmitOrder) and request.exits is not None:
            self._take(request)
        effects: list[Effect] = []
        for identity in list(self._waiting):
            if not self._book.orders[entry_of(identity)].is_open:
                self._waiting.remove(identity)
                effects += self._let_go(self._book.orders[identity], now_ns)
        return effects

    def _waits(self, identity: str) -> bool:
        entry, order = self._book.orders.get(entry_of(identity)), self._book.orders[identity]
        return entry is not None and entry.is_open and order.is_open

    def _take(self, request: SubmitOrder) -> None:
        exits, book = request.exits, self._book
        entry = book.orders.get(request.specification.client_order_id)
        assert exits is not None, "who calls has seen them"
        known = exits.client_order_id in book.orders
        if entry is None or known or entry.state == OrderState.REJECTED:
            return
        book.arrivals += 1
        resting = RestingOrder(exits, request.caused_at_ns, book.arrivals, exits.quantity)
        book.orders[exits.client_order_id] = PaperOrder(
            resting=resting,
            venue_order_id=f"pv-{exits.client_order_id}",
            call_id=entry.call_id,
            state=OrderState.WORKING,
            event_at_ns=entry.event_at_ns,
            arrives_at_ns=entry.arrives_at_ns,
        )
        self._waiting.append(exits.client_order_id)

    def _let_go(self, exits: PaperOrder, now_ns: int) -> list[Effect]:
        """Have exits rest beside what their entry has opened, or end with it."""
        if not exits.is_open:
            return []
        specification = exits.resting.specification
        entry = self._book.orders[entry_of(exits.client_order_id)]
        if entry.state == OrderState.FILLED:
            exits.resting.caused_at_ns = entry.event_at_ns
            listing = listing_of(specification.venue, specification.symbol)
            self._book.resting.setdefault(listing, []).append(exits.client_order_id)
            return []
        exits.reason = ENTRY_ENDED
        end(self._book, self._parameters, exits, OrderState.CANCELLED, now_ns)
        return [report(self._parameters, exits, VenueReportKind.CANCELLED, exits.reason)]
