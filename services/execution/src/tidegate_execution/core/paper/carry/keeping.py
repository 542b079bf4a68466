"""Bars in, what holding costs or brings out: judged in event time, as fills are.

1. A bar tells its listing that time has passed since the bar before. What is due from the end of
   that one to before the end of this one is decided with it, in order.
2. What is due by the bar's start comes before everything that the bar does; it counts what was
   held through that time, at the last close.
3. Borrowing and funding that are due inside the bar come after its open and before the rest of it,
   at the open: what the open filled is held by then, what the extremes fill is not.
4. A dividend or a split comes before the first bar that ends after its time, wherever in the bar
   that is: this bar's open already has the new price.
5. A split cancels the open orders of its symbol that have arrived by its time, market orders
   included: their quantities and prices are those of the old units. (Venues adjust orders or cancel
   them; a strategy that sees the cancel can order anew, one whose order was changed behind its
   back cannot know it.) The bars before it are forgotten, for their prices measure nothing now.
   A dividend leaves orders alone.
6. A fill that arrives late, into a bar before a time that has been decided, changes nothing of it.

Holdings count by symbol; of two listings of one symbol the first that was told carries them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderState, VenueEntry, VenueReportKind
from tidegate_execution.core.paper.carry.amounts import change_of, price_after
from tidegate_execution.core.paper.carry.parameters import Split
from tidegate_execution.core.paper.carry.schedule import Schedule
from tidegate_execution.core.paper.filling import end, report
from tidegate_kernel.machine import Publish
from tidegate_kernel.money import to_decimal

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.market import Bar, Instrument
    from tidegate_execution.core.paper.book import PaperBook, PaperOrder
    from tidegate_execution.core.paper.carry.change import Change
    from tidegate_execution.core.paper.carry.schedule import Due
    from tidegate_execution.core.paper.parameters import PaperVenueParameters
    from tidegate_execution.core.paper.remembering import RememberedBars
    from tidegate_kernel.machine import Effect


class Carry:
    """What is due to the listings of one venue; all of it follows from parameters and book."""

    def __init__(self, parameters: PaperVenueParameters, book: PaperBook) -> None:
        self.parameters = parameters
        self.book = book
        self._schedules: dict[str, Schedule] = {}

    def forget(self) -> None:
        """An instrument was told: look at all of them anew."""
        self._schedules.clear()

    def schedule(self, listing: str) -> Schedule:
        """Return what may ever be due to a listing."""
        found = self._schedules.get(listing)
        if found is None:
            found = self._schedules[listing] = self._made(listing)
        return found

    def before(self, listing: str, bar: Bar, remembered: RememberedBars) -> list[Effect]:
        """Decide what comes before everything that a bar does."""
        previous = remembered.newest[-1] if remembered.newest else None
        schedule = self.schedule(listing)
        if not schedule or not self._concerns(listing):
            return []
        first_ns = bar.start_ns if previous is None else previous.end_ns
        instrument = self.book.instruments[listing]
        last = bar.open if previous is None else previous.close
        price = to_decimal(last, instrument.price_scale)
        effects: list[Effect] = []
        for due in schedule.due(first_ns, bar.end_ns):
            if due.is_action or due.at_ns <= bar.start_ns:
                effects += self._decide(listing, due, price)
                price = price_after(due, price)
                if isinstance(due.action, Split):
                    remembered.forget()
        return effects

    def inside(self, listing: str, bar: Bar) -> list[Effect]:
        """Decide what is due after a bar's open and before its end."""
        schedule = self.schedule(listing)
        if not schedule or not self.book.held(self.book.instruments[listing].symbol):
            return []
        price = to_decimal(bar.open, self.book.instruments[listing].price_scale)
        effects: list[Effect] = []
        for due in schedule.due(bar.start_ns + 1, bar.end_ns):
            if not due.is_action:
                effects += self._decide(listing, due, price)
        return effects

    def _made(self, listing: str) -> Schedule:
        book, instrument = self.book, self.book.instruments[listing]
        first = next(k for k, each in book.instruments.items() if each.symbol == instrument.symbol)
        rules = self.parameters.carry
        return Schedule(rules if first == listing else type(rules)(), instrument)

    def _concerns(self, listing: str) -> bool:
        held = self.book.held(self.book.instruments[listing].symbol)
        return held != 0 or bool(self.book.open_orders(listing))

    def _decide(self, listing: str, due: Due, price: Decimal) -> list[Effect]:
        instrument = self.book.instruments[listing]
        effects: list[Effect] = []
        if isinstance(due.action, Split):
            effects += self._cancel_orders(listing, due.action)
        held = self.book.held(instrument.symbol)
        change = change_of(due, held, price, instrument.lot_size)
        if change is not None:
            identity = f"{change.kind.name.lower()}-{instrument.symbol}-{due.at_ns}"
            self.book.change(instrument.symbol, change.quantity, change.cash)
            moment = (identity, due.at_ns)
            effects.append(Publish(told_of(self.parameters, instrument, change, moment)))
        return effects

    def _cancel_orders(self, listing: str, split: Split) -> list[Effect]:
        reason = f"SPLIT: {split.new} for {split.old}, order anew in the new units"
        return [
            end_order(self, order, VenueReportKind.CANCELLED, split.ex_at_ns, reason)
            for order in self.open_orders(listing)
            if order.arrives_at_ns <= split.ex_at_ns
        ]

    def open_orders(self, listing: str) -> list[PaperOrder]:
        """Return the open orders of a listing."""
        return self.book.open_orders(listing)


def end_order(
    carry: Carry, order: PaperOrder, kind: VenueReportKind, at_ns: int, reason: str
) -> Effect:
    """Take an order out of the market, and say so."""
    cancelled = kind == VenueReportKind.CANCELLED
    order.reason = reason
    state = OrderState.CANCELLED if cancelled else OrderState.EXPIRED
    end(carry.book, carry.parameters, order, state, at_ns)
    return report(carry.parameters, order, kind, reason)


def told_of(
    parameters: PaperVenueParameters,
    instrument: Instrument,
    change: Change,
    identity_and_time: tuple[str, int],
) -> VenueEntry:
    """Write a change as an entry of the venue."""
    identity, at_ns = identity_and_time
    return VenueEntry(
        session=parameters.session,
        entry_id=f"pv-{identity}",
        kind=change.kind,
        venue=instrument.venue,
        symbol=instrument.symbol,
        quantity=change.quantity,
        price=change.price,
        currency=instrument.quote_currency,
        cash=change.cash,
        event_at_ns=at_ns,
        reason=change.reason,
    )
