"""The paper venue of one session: calls and bars in, answers and reports out.

It is a venue like any other: it takes `SubmitOrder`, `CancelOrder`, `QueryOrder` and
`QueryAccount`, answers the same again when a request is repeated, and reports fills, cancels and
expiries by itself. Fills are judged in event time (`matching`). An order that arrives late by the
wall's time looks at the remembered bars first, so lateness does not change what it fills at.

Quote currencies count as the account's currency, one to one.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Self

import msgspec

from tidegate_contracts.execution import (
    CancelAnswered,
    CancelOrder,
    OrderAccepted,
    OrderRejected,
    OrderState,
    QueryAccount,
    QueryOrder,
    SubmitOrder,
    VenueAccount,
    VenueHolding,
    VenueOrder,
    VenueReportKind,
)
from tidegate_contracts.host import CommandRefused
from tidegate_contracts.market import Bar, Instrument
from tidegate_execution.core.paper.admission import admit
from tidegate_execution.core.paper.book import PaperBook, PaperOrder, listing_of
from tidegate_execution.core.paper.carry.holding import Holding
from tidegate_execution.core.paper.choices import forget, join, taken_by_others
from tidegate_execution.core.paper.filling import end, fill_from_bar, report
from tidegate_execution.core.paper.forms import Refused
from tidegate_execution.core.paper.parameters import PaperVenueParameters, SlippageModel
from tidegate_execution.core.paper.paths import Prices
from tidegate_execution.core.paper.remembering import RememberedBars, Stretch
from tidegate_execution.core.paper.resting import RestingOrder
from tidegate_execution.core.paper.scanning import Search
from tidegate_execution.core.paper.slippage import BARS_MEASURED
from tidegate_execution.core.paper.structures import Structures, listings_of
from tidegate_kernel.machine import Answer, Called
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegate_contracts.frame import Frame
    from tidegate_kernel.machine import Body, Effect, Event


class PaperVenueMachine:
    """The paper venue. Implements `tidegate_kernel.machine.Machine`."""

    def __init__(self, parameters: PaperVenueParameters, book: PaperBook) -> None:
        self.parameters = parameters
        self.book = book
        self._bars: dict[str, RememberedBars] = {}
        self._structures = Structures(book, parameters, self._measured)
        self._holding = None if parameters.carry.is_empty else Holding(parameters, book)

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Take one event; a bar of a symbol without open orders is only remembered."""
        if type(event) is Bar:
            listing = f"{event.venue}|{event.symbol}"
            remembered = self._bars.get(listing) or self._remembered(listing)
            if self._holding is not None:
                return self._take_with_carry(self._holding, listing, remembered, event)
            remembered.append(event)
            resting = self.book.resting.get(listing)
            if self.book.structures:
                orders = [self.book.orders[each] for each in resting or ()]
                filled = self._fill(listing, orders, event) if orders else []
                return filled + self._structures.on_bar(listing, event)
            if not resting:
                return ()
            return self._fill(listing, [self.book.orders[each] for each in resting], event)
        if isinstance(event, Called):
            return self._on_call(event, now_ns)
        if isinstance(event, Instrument):
            listing = listing_of(event.venue, event.symbol)
            self.book.instruments[listing] = event
            if self._holding is not None:
                self._holding.forget()
            # The order of listings in a snapshot then never depends on which bar came first.
            self._remembered(listing)
        return ()

    def scan(self, frame: Frame, first: int, last: int) -> int:
        """Return the first row that could fill, expire or begin the day of an open order."""
        if self.book.structures:
            return first
        for code, instrument in enumerate(frame.instruments):
            ids = self.book.resting.get(listing_of(instrument.venue, instrument.symbol))
            for order in [self.book.orders[each] for each in ids or ()]:
                found = Search(frame, code, instrument, self.parameters.rules.latency_ns)
                last = found.first_row(order.resting, first, last)
        return last if self._holding is None else self._holding.first_row(frame, first, last)

    def advance(self, frame: Frame, first: int, last: int) -> None:
        """Take bars as columns: the newest of each symbol are remembered."""
        codes = {(each.venue, each.symbol): n for n, each in enumerate(frame.instruments)}
        for code, instrument in enumerate(frame.instruments):
            ids = self.book.resting.get(f"{instrument.venue}|{instrument.symbol}")
            for order in [self.book.orders[each] for each in ids or ()]:
                if order.resting.best_price is not None:
                    Search(frame, code, instrument, 0).follow(order.resting, first, last)
        for bar in frame.last_bars(first, last):
            stretch = Stretch(frame, codes[bar.venue, bar.symbol], first, last)
            self._remembered(f"{bar.venue}|{bar.symbol}").skip(stretch, bar)

    def snapshot(self) -> bytes:
        """Return the state; dictionaries keep the order in which events filled them."""
        for remembered in self._bars.values():
            remembered.complete()
        return msgspec.msgpack.encode(self.book)

    @classmethod
    def restore(cls, parameters: msgspec.Struct, snapshot: bytes | None) -> Self:
        """Build a new venue, or the one that was snapshotted."""
        assert isinstance(parameters, PaperVenueParameters)
        if snapshot is None:
            return cls(parameters, PaperBook(cash=parameters.cash))
        return cls(parameters, msgspec.msgpack.decode(snapshot, type=PaperBook))

    def _remembered(self, listing: str) -> RememberedBars:
        remembered = self._bars.get(listing)
        if remembered is None:
            bars = self.book.bars.setdefault(listing, [])
            remembered = RememberedBars(bars, self.parameters.bars_remembered)
            self._bars[listing] = remembered
        return remembered

    def _take_with_carry(
        self, holding: Holding, listing: str, remembered: RememberedBars, bar: Bar
    ) -> list[Effect]:
        """Take a bar where holding may cost or bring something around it."""
        effects = holding.before(listing, bar, remembered)
        remembered.append(bar)
        orders = [self.book.orders[each] for each in self.book.resting.get(listing, ())]
        if orders:
            inside = partial(holding.inside, listing, bar)
            effects += self._fill(listing, orders, bar, inside)
        else:
            effects += holding.inside(listing, bar)
        if self.book.structures:
            effects += self._structures.on_bar(listing, bar)
        return effects + holding.after(listing, bar)

    def _fill(
        self,
        listing: str,
        orders: list[PaperOrder],
        bar: Bar,
        after_open: Callable[[], list[Effect]] = list,
    ) -> list[Effect]:
        prices = Prices(bar, self.book.instruments[listing], self._measured(listing, bar))
        return fill_from_bar(self.book, self.parameters, orders, prices, after_open)

    def _measured(self, listing: str, bar: Bar) -> Sequence[Bar]:
        """Return the bars before one, where the slippage is measured on them."""
        if self.parameters.rules.slippage_model == SlippageModel.FIXED:
            return ()
        return self._remembered(listing).before(bar, BARS_MEASURED)

    def _on_call(self, call: Called, now_ns: int) -> Sequence[Effect]:
        body = call.body
        if isinstance(body, SubmitOrder):
            return self._submit(call.call_id, body)
        if isinstance(body, CancelOrder):
            return self._cancel(call.call_id, body, now_ns)
        if isinstance(body, QueryOrder):
            return (Answer(call.call_id, self._found(body.client_order_id)),)
        if isinstance(body, QueryAccount):
            return (Answer(call.call_id, self._account(now_ns)),)
        return (Answer(call.call_id, _not_taken(body)),)

    def _submit(self, call_id: str, request: SubmitOrder) -> list[Effect]:
        known = self.book.orders.get(request.specification.client_order_id)
        if known is not None and self._counts(known, call_id):
            return [Answer(call_id, _taken(known))]
        listing = listing_of(request.specification.venue, request.specification.symbol)
        order = self._take(call_id, request, known, listing)
        effects: list[Effect] = [Answer(call_id, _taken(order))]
        if request.specification.legs:
            return effects + self._look_back(order, request.caused_at_ns)
        for bar in self._remembered(listing).since(request.caused_at_ns):
            if not order.is_open:
                break
            effects += self._fill(listing, [order], bar)
        return effects

    def _look_back(self, order: PaperOrder, caused_at_ns: int) -> list[Effect]:
        """Let bars that an order with legs has missed act on it, those of one start together."""
        listings = listings_of(order.resting.specification)
        known = [self._remembered(each).since(caused_at_ns) for each in listings]
        effects: list[Effect] = []
        for start_ns in sorted({bar.start_ns for bars in known for bar in bars}):
            bars = [bar for each in known for bar in each if bar.start_ns == start_ns]
            if order.is_open:
                effects += self._structures.judge(order, bars, bars[-1])
        return effects

    def _counts(self, known: PaperOrder, call_id: str) -> bool:
        """Tell whether an order under this id is the one that is meant."""
        return self.parameters.ids_unique_for_ever or known.is_open or known.call_id == call_id

    def _take(
        self, call_id: str, request: SubmitOrder, known: PaperOrder | None, listing: str
    ) -> PaperOrder:
        specification, book = request.specification, self.book
        book.arrivals += 1
        arrives_at_ns = request.caused_at_ns + self.parameters.rules.latency_ns
        before, again = 0, ""
        if known is not None:
            before = known.executions_before + len(known.executions)
            again = f"-{book.arrivals}"
            book.ended.remove(known.client_order_id)
            forget(book, known)
        verdict = admit(book, self.parameters, specification, listing, arrives_at_ns)
        taken = taken_by_others(book, specification) if specification.oco_group else ZERO
        order = PaperOrder(
            resting=RestingOrder(
                specification, request.caused_at_ns, book.arrivals, specification.quantity - taken
            ),
            venue_order_id=f"pv-{specification.client_order_id}{again}",
            call_id=call_id,
            state=OrderState.WORKING,
            event_at_ns=arrives_at_ns,
            arrives_at_ns=arrives_at_ns,
            executions_before=before,
            reduced=taken,
        )
        book.orders[specification.client_order_id] = order
        if specification.oco_group:
            join(book, order)
        if isinstance(verdict, Refused):
            order.code, order.reason = verdict.code, verdict.reason
            end(book, self.parameters, order, OrderState.REJECTED, arrives_at_ns)
            return order
        order.reserved_per_unit = verdict.reserved_per_unit
        if specification.legs:
            book.structures.append(specification.client_order_id)
        else:
            book.resting.setdefault(listing, []).append(specification.client_order_id)
        return order

    def _cancel(self, call_id: str, request: CancelOrder, now_ns: int) -> list[Effect]:
        order = self.book.orders.get(request.client_order_id)
        effects: list[Effect] = []
        accepted = order is not None and (order.is_open or order.cancel_call_id == call_id)
        if order is not None and order.is_open:
            order.cancel_call_id = call_id
            end(self.book, self.parameters, order, OrderState.CANCELLED, now_ns)
            effects.append(report(self.parameters, order, VenueReportKind.CANCELLED, "cancelled"))
        answer = CancelAnswered(
            client_order_id=request.client_order_id,
            accepted=accepted,
            reason="" if accepted else "no open order under this id",
        )
        return [Answer(call_id, answer), *effects]

    def _found(self, client_order_id: str) -> VenueOrder:
        order = self.book.orders.get(client_order_id)
        if order is None:
            return VenueOrder(client_order_id=client_order_id, found=False)
        return order.as_venue_order()

    def _account(self, now_ns: int) -> VenueAccount:
        book = self.book
        open_lists = (*book.resting.values(), book.structures)
        open_ids = sorted(each for ids in open_lists for each in ids)
        return VenueAccount(
            session=self.parameters.session,
            open_orders=tuple(book.orders[each].as_venue_order() for each in open_ids),
            holdings=tuple(
                VenueHolding(symbol=symbol, quantity=quantity)
                for symbol, quantity in sorted(book.holdings.items())
            ),
            currency=self.parameters.currency,
            cash=book.cash,
            event_at_ns=now_ns,
        )


def _taken(order: PaperOrder) -> Body:
    """Answer a submission, the first time and every other time."""
    if order.code and not order.executions and order.state == OrderState.REJECTED:
        return OrderRejected(
            client_order_id=order.client_order_id,
            code=order.code,
            reason=order.reason,
            event_at_ns=order.arrives_at_ns,
        )
    return OrderAccepted(
        client_order_id=order.client_order_id,
        venue_order_id=order.venue_order_id,
        event_at_ns=order.arrives_at_ns,
    )


def _not_taken(body: Body) -> CommandRefused:
    found = type(body).__name__
    return CommandRefused(
        code="COMMAND_UNKNOWN",
        message=f"the paper venue does not take {found}",
        expected="SubmitOrder, CancelOrder, QueryOrder or QueryAccount",
        found=found,
        hint="send it to the service that owns it",
    )
