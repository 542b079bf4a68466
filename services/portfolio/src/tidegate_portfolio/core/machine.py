"""The portfolio machine: fills are booked at once, the account is valued when the dust settles.

What happens to each input:

1. **Fill**: booked once by venue, symbol and execution id. Its transaction is posted to the
   ledger and published entry by entry, then the position. A timer for now asks for a snapshot
   of the account, so that all fills of a round share one.
2. **AccountEntry**: booked once by its id, like a fill; `entries` says what each kind moves.
3. **Bar**: moves a mark, and nothing is published. The first bar of a new instant closes the one
   before: if the account's interval has passed, its snapshot is published then, of the moment
   before the new bar. In lockstep that is the settled end of the earlier instant, with every
   fill of it, and costs neither a timer nor a round. On the wall's clock nobody knows when the
   next bar comes, so a timer takes the snapshot a moment (``settle_ns``) after the due bar.
4. **FeedStatus ENDED**: the final snapshot and performance, again after the dust has settled.

The account opens with its capital at the first bar. A UTC day begins with the first bar that is
known in it: ``day_start_equity`` is the equity before that bar. So the bar that ends at midnight
counts to the new day, as it does in the risk service, and a daily bar's change is a day's change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import msgspec

from tidegate_contracts.execution import AccountEntry, AccountEntryKind, Fill, Side
from tidegate_contracts.market import Bar, FeedState, FeedStatus, Instrument
from tidegate_kernel.fees import taken_in_kind
from tidegate_kernel.identifiers import order_key
from tidegate_kernel.machine import CauseMissing, Publish, SetTimer, TimerFired
from tidegate_kernel.money import ZERO
from tidegate_kernel.time import NS_PER_DAY, day_of
from tidegate_portfolio.core import ledger
from tidegate_portfolio.core.account import equity, position_of, take_snapshot
from tidegate_portfolio.core.entries import book_entry, carry_mark, lines_of, own_part
from tidegate_portfolio.core.ledger import Heading, Line
from tidegate_portfolio.core.performance import ACCOUNT_BOOK, Book
from tidegate_portfolio.core.positions import Booking, Holding, book, give
from tidegate_portfolio.core.state import PortfolioParameters, State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from tidegate_contracts.frame import Frame
    from tidegate_kernel.machine import Effect, Event

ACCOUNT_TIMER = "account"


class PortfolioMachine:
    """The books of one session."""

    def __init__(self, parameters: PortfolioParameters, state: State) -> None:
        """Use `restore`; it also makes a new machine."""
        self._parameters = parameters
        self._lockstep = parameters.lockstep
        self._valued = parameters.valued_currencies()
        self._state = state
        self._marks = state.marks
        self._handlers: dict[type, Callable[..., Sequence[Effect]]] = {
            Fill: self._on_fill,
            AccountEntry: self._on_entry,
            Instrument: self._on_instrument,
            FeedStatus: self._on_feed_status,
            TimerFired: self._on_timer,
            CauseMissing: self._on_cause_missing,
        }

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Take one event; an event that the books do not read is a programmer's error."""
        if type(event) is Bar:
            effects: Sequence[Effect] = ()
            end_ns = event.end_ns
            if end_ns > self._state.instant_ns:
                if self._is_due(end_ns) or end_ns >= self._state.day_end_ns:
                    effects = self._enter(event, now_ns)
                else:
                    self._state.instant_ns = end_ns
            self._mark(event)
            return effects
        return self._handlers[type(event)](event, now_ns)

    def scan(self, frame: Frame, first: int, last: int) -> int:
        """Return the first row with which a report is due; see `Frame`."""
        if first >= last or self._is_due(frame.end_ns(first)):
            return first
        due_ns = self._state.snapshot_due_ns
        if frame.end_ns(last - 1) < due_ns:
            return last
        due = frame.row_at(due_ns)
        if self._lockstep and due < last:
            due = frame.instant_after(due)
        return min(last, due)

    def advance(self, frame: Frame, first: int, last: int) -> None:
        """Take bars as columns: they move time and marks, and the last day leaves a trace."""
        if first >= last:
            return
        end_ns = frame.end_ns(last - 1)
        if end_ns >= self._state.day_end_ns:
            turn = max(first, frame.row_at(day_of(end_ns) * NS_PER_DAY))
            self._advance(frame, first, turn)
            self._turn_day(end_ns)
            first = turn
        self._advance(frame, first, last)

    def _advance(self, frame: Frame, first: int, last: int) -> None:
        """Take rows of one day."""
        if first < last:
            self._state.instant_ns = frame.end_ns(last - 1)
        for bar in frame.last_bars(first, last):
            self._mark(bar)

    def snapshot(self) -> bytes:
        """Return the whole state."""
        return _ENCODER.encode(self._state)

    @classmethod
    def restore(cls, parameters: msgspec.Struct, snapshot: bytes | None) -> Self:
        """Build the machine, from a snapshot unless it is new."""
        assert isinstance(parameters, PortfolioParameters)
        assert parameters.capital == ledger.amount(parameters.capital)
        return cls(parameters, State() if snapshot is None else _DECODER.decode(snapshot))

    @property
    def state(self) -> State:
        """The books, for whoever holds the machine in one process: tests and the lab."""
        return self._state

    # --- market data --------------------------------------------------------------------------

    def _mark(self, bar: Bar) -> None:
        marks = self._marks.get(bar.venue)
        if marks is None:
            marks = self._marks[bar.venue] = {}
        known = marks.get(bar.symbol)
        if known is None or known[0] < bar.end_ns or _is_finer(known, bar):
            marks[bar.symbol] = (bar.end_ns, bar.timeframe_ns, bar.close)

    def _enter(self, bar: Bar, now_ns: int) -> Sequence[Effect]:
        """Close the instant before a bar that is the first of a new one."""
        parameters, state = self._parameters, self._state
        effects: list[Effect] = []
        if not state.opened:
            effects += self._open(bar.start_ns)
        elif parameters.lockstep and state.instant_ns >= state.snapshot_due_ns:
            effects += self._report(state.instant_ns)
        if bar.end_ns >= state.day_end_ns:
            self._turn_day(bar.end_ns)
        state.instant_ns = bar.end_ns
        if not parameters.lockstep and bar.end_ns >= state.snapshot_due_ns:
            effects += self._arm(now_ns)
        return effects

    def _turn_day(self, end_ns: int) -> None:
        """Begin the UTC day that holds a time: losses are measured from the instant before."""
        state = self._state
        state.day_start_equity = equity(self._parameters, state, state.instant_ns)
        state.day_end_ns = _day_end(end_ns)

    def _is_due(self, end_ns: int) -> bool:
        """Tell whether something is told with a new instant: the opening, or the account."""
        state = self._state
        # What is due is told of the settled instant before; on the wall's clock, after this one.
        told_ns = state.instant_ns if self._lockstep else end_ns
        return not state.opened or told_ns >= state.snapshot_due_ns

    def _on_instrument(self, instrument: Instrument, _now_ns: int) -> Sequence[Effect]:
        known = self._state.instruments.setdefault(instrument.venue, {})
        known[instrument.symbol] = (instrument.price_scale, instrument.quote_currency)
        self._state.lots[f"{instrument.venue}|{instrument.symbol}"] = instrument.lot_size
        return ()

    def _on_feed_status(self, status: FeedStatus, now_ns: int) -> Sequence[Effect]:
        state = self._state
        state.ended = status.state is FeedState.ENDED
        return self._arm(now_ns) if state.ended and state.opened else ()

    # --- fills --------------------------------------------------------------------------------

    def _on_fill(self, fill: Fill, now_ns: int) -> Sequence[Effect]:
        parameters, state = self._parameters, self._state
        assert fill.session == parameters.session, f"a fill of session {fill.session}"
        key = f"{fill.venue}|{fill.symbol}|{fill.execution_id}"
        if key in state.booked:
            return ()
        effects: list[Effect] = [] if state.opened else self._open(fill.event_at_ns)
        state.booked[key] = fill.event_at_ns
        terms = self._terms_of(fill)
        holding, booking, given = self._book(state.books[ACCOUNT_BOOK], fill, terms)
        if fill.strategy:
            self._book(self._book_of(fill.strategy), fill, terms)
        order = order_key(fill.signal_key, fill.leg) if fill.signal_key else ""
        heading = Heading(parameters.session, key, order, fill.event_at_ns)
        lines = _lines(fill, booking, given, terms)
        effects += [Publish(entry) for entry in state.ledger.post(heading, lines)]
        position = position_of(parameters, state, holding, fill.event_at_ns)
        return [*effects, Publish(position), *self._arm(now_ns)]

    def _on_entry(self, entry: AccountEntry, now_ns: int) -> Sequence[Effect]:
        parameters, state = self._parameters, self._state
        assert entry.session == parameters.session, f"an entry of session {entry.session}"
        key = f"entry|{entry.entry_id}"
        if key in state.booked:
            return ()
        effects: list[Effect] = [] if state.opened else self._open(entry.event_at_ns)
        state.booked[key] = entry.event_at_ns
        account = state.books[ACCOUNT_BOOK]
        currency = self._quoted_in(entry.venue, entry.symbol, entry.currency)
        valued = currency in self._valued
        counted = self._counted(entry, currency)
        for owner in [account, *([self._book_of(entry.strategy)] if entry.strategy else [])]:
            holding = None
            if entry.symbol:
                holding = owner.holding(entry.venue, entry.symbol, currency)
            held = ZERO if holding is None else holding.quantity
            moved = book_entry(owner, holding, counted, valued=valued)
            if owner is account:
                heading = Heading(parameters.session, key, "", entry.event_at_ns)
                posted = state.ledger.post(heading, lines_of(entry, moved, currency))
                effects += [Publish(each) for each in posted]
                if valued and entry.kind is AccountEntryKind.TRANSFER:
                    self._take_transfer(account, own_part(counted, moved))
                if holding is not None:
                    carry_mark(state, entry, held, holding.quantity)
                    effects.append(
                        Publish(position_of(parameters, state, holding, entry.event_at_ns))
                    )
        return [*effects, *self._arm(now_ns)]

    def _counted(self, entry: AccountEntry, currency: str) -> AccountEntry:
        """Return an entry with the cash that counts in the account's equity."""
        counts = (entry.currency or currency) in self._valued
        return entry if counts else msgspec.structs.replace(entry, cash=ZERO)

    def _take_transfer(self, account: Book, worth: Decimal) -> None:
        """Move what losses are measured from: money that comes or goes is neither."""
        self._state.day_start_equity += worth
        account.peak_equity += worth

    def _terms_of(self, fill: Fill) -> _Terms:
        """Return what a fill says to the account's book and to its strategy's alike."""
        currency = self._quoted_in(fill.venue, fill.symbol, "")
        in_kind = taken_in_kind(fill.symbol, fill.fee, fill.fee_currency)
        if in_kind:
            fee = ledger.amount(fill.fee * fill.price)
        elif (fill.fee_currency or currency) in self._valued:
            fee = ledger.amount(fill.fee)
        else:
            fee = ZERO
        lot = self._state.lots.get(f"{fill.venue}|{fill.symbol}", ZERO)
        return _Terms(currency, _signed(fill), fee, in_kind, lot)

    def _book(
        self, owner: Book, fill: Fill, terms: _Terms
    ) -> tuple[Holding, Booking, Booking | None]:
        """Book a fill, and its fee in kind, into one book."""
        holding = owner.holding(fill.venue, fill.symbol, terms.currency)
        booking = book(holding, terms.quantity, fill.price, terms.fee, terms.lot)
        given = give(holding, terms.in_kind, fill.price) if terms.in_kind else None
        if holding.currency in self._valued:
            owner.record(booking, terms.fee)
            owner.realized_pnl += ZERO if given is None else given.realized
        return holding, booking, given

    def _quoted_in(self, venue: str, symbol: str, otherwise: str) -> str:
        """Return a quote currency: the account's, as long as no instrument says another."""
        account = self._state.books[ACCOUNT_BOOK]
        held = account.holdings.get(f"{venue}|{symbol}")
        if held is not None:
            return held.currency
        known = self._state.instruments.get(venue, {}).get(symbol)
        return (otherwise or self._parameters.currency) if known is None else known[1]

    def _book_of(self, strategy: str) -> Book:
        owner = self._state.books.get(strategy)
        if owner is None:
            owner = self._state.books[strategy] = self._new_book(strategy)
        return owner

    # --- account ------------------------------------------------------------------------------

    def _open(self, event_at_ns: int) -> list[Effect]:
        """Open the account with its capital."""
        parameters, state = self._parameters, self._state
        at_ns = parameters.opened_at_ns or event_at_ns
        assert at_ns > 0, "expected the account to open after 1970"
        capital, currency = parameters.capital, parameters.currency
        lines = (
            Line(ledger.CASH, currency, capital, "CAPITAL"),
            Line(ledger.CAPITAL, currency, -capital, "CAPITAL"),
        )
        entries = state.ledger.post(Heading(parameters.session, "capital", "", at_ns), lines)
        state.opened = True
        state.books[ACCOUNT_BOOK] = self._new_book(ACCOUNT_BOOK)
        state.day_start_equity = capital
        state.day_end_ns = _day_end(at_ns)
        state.performance_due_ns = at_ns + parameters.performance_interval_ns
        return [*(Publish(entry) for entry in entries), *self._report(at_ns)]

    def _new_book(self, strategy: str) -> Book:
        return Book(strategy, peak_equity=self._parameters.capital)

    def _arm(self, now_ns: int) -> Sequence[Effect]:
        """Ask for a snapshot of the account, once, after the rest of this moment."""
        if self._state.armed:
            return ()
        self._state.armed = True
        return (SetTimer(ACCOUNT_TIMER, now_ns + self._parameters.settle_ns, makes_instant=False),)

    def _on_timer(self, timer: TimerFired, now_ns: int) -> Sequence[Effect]:
        assert timer.name == ACCOUNT_TIMER, f"expected the timer {ACCOUNT_TIMER}, not {timer.name}"
        self._state.armed = False
        return self._report(now_ns)

    def _report(self, at_ns: int) -> list[Effect]:
        """Publish the account at a settled moment, and the performance when it is due."""
        parameters, state = self._parameters, self._state
        effects: list[Effect] = [Publish(take_snapshot(parameters, state, at_ns))]
        interval_ns = parameters.snapshot_interval_ns
        state.snapshot_due_ns = (at_ns // interval_ns + 1) * interval_ns
        if not state.ended and at_ns < state.performance_due_ns:
            return effects
        state.performance_due_ns = at_ns + parameters.performance_interval_ns
        held = state.books[ACCOUNT_BOOK].open_holdings()
        books = [state.books[strategy] for strategy in sorted(state.books)]
        effects += [Publish(position_of(parameters, state, each, at_ns)) for each in held]
        effects += [Publish(each.report(parameters.session, at_ns)) for each in books]
        return effects

    def _on_cause_missing(self, missing: CauseMissing, now_ns: int) -> Sequence[Effect]:
        """Go on without the causes: the books take what happened as it comes."""
        return self.handle(missing.body, now_ns)


def _is_finer(known: tuple[int, int, int], bar: Bar) -> bool:
    """Tell whether a bar ends with the known one and is at most as long."""
    return known[0] == bar.end_ns and known[1] >= bar.timeframe_ns


def _day_end(at_ns: int) -> int:
    """Return the end of the UTC day that holds a time."""
    return (day_of(at_ns) + 1) * NS_PER_DAY


def _signed(fill: Fill) -> Decimal:
    assert fill.side in (Side.BUY, Side.SELL), f"fill {fill.execution_id}: side {fill.side!r}"
    assert fill.quantity > 0, f"fill {fill.execution_id}: quantity {fill.quantity}"
    return fill.quantity if fill.side is Side.BUY else -fill.quantity


class _Terms(msgspec.Struct, frozen=True, gc=False):
    """What a fill says to every book: where it is quoted, signed units, fee and the fee's kind.

    A fee that the account cannot count is 0 here; one in kind counts at the fill's price.
    """

    currency: str
    quantity: Decimal
    fee: Decimal
    in_kind: Decimal
    lot: Decimal


def _lines(fill: Fill, booking: Booking, given: Booking | None, terms: _Terms) -> tuple[Line, ...]:
    """Return both sides of everything that a fill moves."""
    position = ledger.position_account(fill.symbol)
    units, currency = terms.quantity, terms.currency
    trade = (
        Line(ledger.CASH, currency, booking.cash_change, "TRADE"),
        Line(position, currency, booking.cost_change, "TRADE"),
        Line(ledger.REALIZED, currency, -booking.realized, "REALIZED_PNL"),
        Line(position, fill.symbol, units, "TRADE"),
        Line(ledger.units_account(fill.symbol), fill.symbol, -units, "TRADE"),
    )
    if given is not None:
        return (*trade, *_lines_in_kind(fill, given, currency))
    fee, fee_currency = ledger.amount(fill.fee), fill.fee_currency or currency
    return (
        *trade,
        Line(ledger.FEES, fee_currency, fee, "FEE"),
        Line(ledger.CASH, fee_currency, -fee, "FEE"),
    )


def _lines_in_kind(fill: Fill, given: Booking, currency: str) -> tuple[Line, ...]:
    """Return what a fee in kind moves: a part of the position, given away at the fill's price."""
    position = ledger.position_account(fill.symbol)
    return (
        Line(ledger.FEES, currency, given.cash_change, "FEE"),
        Line(position, currency, given.cost_change, "FEE"),
        Line(ledger.REALIZED, currency, -given.realized, "FEE"),
        Line(position, fill.symbol, -fill.fee, "FEE"),
        Line(ledger.units_account(fill.symbol), fill.symbol, fill.fee, "FEE"),
    )


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(State)
