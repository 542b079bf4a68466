"""The decision shard of one session: signals in, verdicts out, with a book of its own.

1. Bars, fills, account entries, order events, account snapshots and gate events keep the book and
   the gate.
2. A signal is asked about by every rule of `SIGNAL_RULES`, sized, and asked about by every rule
   of `ORDER_RULES`. The first refusal is the answer, else the order is approved.
3. An approval reserves its order at once, so the next signal already sees it.
4. Breakers are looked at whenever the book may have changed; see `breakers.watch`.
5. Limits are changed by commands; see `changes.keeper`. The verdict names their version.
6. A signal gets exactly one verdict: a repeated one gets nothing. A signal whose causes did not
   arrive is refused, for the book is then older than the signal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

import msgspec

from tidegate_contracts.execution import AccountEntry, Fill, OrderEvent, Reconciliation
from tidegate_contracts.market import Bar, Instrument, Quote
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_contracts.risk import (
    Decision,
    GateAction,
    GateEvent,
    PlaceOrder,
    Refusal,
    Verdict,
)
from tidegate_contracts.signals import Signal
from tidegate_kernel.machine import Answer, Called, CauseMissing, Publish, TermStarted, TimerFired
from tidegate_kernel.time import NS_PER_DAY, day_of
from tidegate_risk.core.book.approvals import Approval
from tidegate_risk.core.book.market import listing_of
from tidegate_risk.core.book.orders import OpenOrder
from tidegate_risk.core.breakers.watch import Watch
from tidegate_risk.core.changes.document import configured, under
from tidegate_risk.core.changes.keeper import LimitsKeeper
from tidegate_risk.core.decision.backlog import Backlog
from tidegate_risk.core.decision.numbers import numbers_of
from tidegate_risk.core.decision.state import new_state, read_state
from tidegate_risk.core.limits import LimitTable
from tidegate_risk.core.manual.sizing import propose_placed
from tidegate_risk.core.manual.wish import signal_of
from tidegate_risk.core.parameters import DecisionParameters
from tidegate_risk.core.portfolio.state import encode_portfolio
from tidegate_risk.core.question import Proposal, Question, key_of
from tidegate_risk.core.refusals import Code, Refused
from tidegate_risk.core.rules import ORDER_RULES, SIGNAL_RULES, first_refusal
from tidegate_risk.core.sizing.target import propose
from tidegate_risk.core.structures.deciding import decide_structure
from tidegate_risk.core.structures.judging import listing_of_all

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from tidegate_contracts.execution import OrderSpecification
    from tidegate_contracts.frame import Frame
    from tidegate_contracts.risk import DecisionNumber
    from tidegate_kernel.machine import Effect, Event
    from tidegate_risk.core.changes.document import LimitsDocument
    from tidegate_risk.core.decision.state import DecisionState

_NEEDS_NO_PAST = frozenset({Bar, Fill, OrderEvent, AccountSnapshot})
"""What neither reads nor changes what bars of the backlog are kept for."""
_TELLS_TIME = frozenset({Bar, Signal, Fill, AccountEntry, AccountSnapshot})
"""What a session's own time comes with; the gate and a new term come from outside of it."""

# The order of a dictionary is state: what is oldest is forgotten first, and refusals list in it.
_encoder = msgspec.msgpack.Encoder(enc_hook=encode_portfolio)


class DecisionMachine:
    """Decides every order of one session."""

    follows_term: ClassVar[bool] = True

    def __init__(self, parameters: DecisionParameters, state: DecisionState) -> None:
        self._configured = configured(parameters)
        self.parameters = parameters
        self._state = state
        self._book = state.book
        self._samples = state.portfolio.samples
        self._backlog = Backlog(state.book, self._samples)
        self._keeper = LimitsKeeper(parameters, state.limits, self._put_in_force)
        self._put_in_force(state.limits.document)
        self._handlers: dict[type, Callable[..., Sequence[Effect]]] = {
            Instrument: self._on_instrument,
            Signal: self._on_signal,
            OrderEvent: self._on_order_event,
            Fill: self._on_fill,
            AccountEntry: self._on_entry,
            AccountSnapshot: self._on_account,
            GateEvent: self._on_gate_event,
            CauseMissing: self._on_cause_missing,
            TermStarted: self._on_term_started,
            TimerFired: self._on_timer,
            Called: self._on_called,
            Reconciliation: self._on_reconciliation,
            Quote: self._on_quote,
        }

    def _put_in_force(self, document: LimitsDocument) -> None:
        """Decide under these limits from now on: everything that is made of them is made anew."""
        self.parameters = under(self.parameters, document)
        self._limits = LimitTable(self.parameters.limits, self.parameters.overrides)
        self.breakers = Watch(self.parameters, self._book, self._state.breakers)

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Take one event; an unknown kind is a programmer's error and crashes the shard."""
        kind = type(event)
        book = self._book
        if now_ns >= book.day_ends_ns and kind in _TELLS_TIME:
            self._turn_day(now_ns)
        if kind not in _NEEDS_NO_PAST:
            self._backlog.clear()
        if type(event) is Bar:
            self._take_bar(event)
            if self.breakers.watches_bars:
                return self.breakers.take_bar(event, now_ns)
            return ()
        return self._handlers[kind](event, now_ns)

    def _turn_day(self, now_ns: int) -> None:
        self._book.turn_day(now_ns)
        self.breakers.look_anew()

    def scan(self, frame: Frame, first: int, last: int) -> int:
        """Only a bar that trips a breaker makes this machine say anything; see `Frame`."""
        return self.breakers.scan(frame, first, last)

    def advance(self, frame: Frame, first: int, last: int) -> None:
        """Take bars as columns; only the day that the last of them falls into leaves a trace."""
        if first >= last:
            return
        book, end_ns = self._book, frame.end_ns(last - 1)
        if end_ns >= book.day_ends_ns:
            turn = max(first, frame.row_at(day_of(end_ns) * NS_PER_DAY))
            if first < turn:
                self._advance(frame, first, turn)
            self._turn_day(frame.end_ns(turn))
            first = turn
        self._advance(frame, first, last)

    def _advance(self, frame: Frame, first: int, last: int) -> None:
        """Take rows of one day."""
        self._backlog.add(frame, first, last)
        for bar in frame.last_bars(first, last):
            self._book.market.mark(bar)

    @property
    def state(self) -> DecisionState:
        """Everything that it remembers."""
        self._backlog.clear()
        return self._state

    def snapshot(self) -> bytes:
        """Return the whole state."""
        return _encoder.encode(self.state)

    @classmethod
    def restore(cls, parameters: msgspec.Struct, snapshot: bytes | None) -> Self:
        """Build the machine, new or from a snapshot."""
        assert isinstance(parameters, DecisionParameters)
        if snapshot is None:
            return cls(parameters, new_state(parameters))
        return cls(parameters, read_state(snapshot, parameters))

    def _take_bar(self, bar: Bar) -> None:
        """Take one bar, of which nothing is left for later unless others wait before it."""
        if self._backlog.goes_on_with(bar):
            self._book.market.mark(bar)
            return
        self._backlog.clear()
        if bar.end_ns > self._samples.due_ns:
            self._sample(bar)
        self._book.mark(bar)

    def _sample(self, bar: Bar) -> None:
        """Close the rows of closes that end before a bar; live, estimate before anybody asks."""
        self._samples.take(bar, self._book.market)
        if not self.parameters.lockstep:
            self._state.portfolio.refresh(self.parameters.limits)

    def _on_instrument(self, instrument: Instrument, _now_ns: int) -> Sequence[Effect]:
        book, listing = self._book, listing_of(instrument.venue, instrument.symbol)
        self._samples.forget(book.market.instruments.get(listing), instrument)
        book.market.describe(instrument)
        if not self.parameters.lockstep:
            # What came before the first signal must count where estimates are required.
            book.follow(listing)
        return ()

    def _on_order_event(self, event: OrderEvent, now_ns: int) -> Sequence[Effect]:
        self._book.orders.report(event, self._book.market)
        return self.breakers.take_order_event(event, now_ns)

    def _on_fill(self, fill: Fill, now_ns: int) -> Sequence[Effect]:
        book = self._book
        _, order = book.orders.approved(fill)
        # A protective exit is no execution that its strategy repeats.
        first = fill.leg == 0 if order is None else order.filled == 0
        quantity = fill.quantity if order is None else order.quantity
        if not book.book_fill(fill, now_ns):
            return ()
        if first:
            self._count_execution(fill, quantity, now_ns)
        return self.breakers.take_fill(fill, now_ns)

    def _on_entry(self, entry: AccountEntry, now_ns: int) -> Sequence[Effect]:
        transferred = self._book.book_entry(entry, now_ns)
        if transferred is None:
            return ()
        return self.breakers.take_account_entry(entry, transferred, now_ns)

    def _count_execution(self, fill: Fill, quantity: Decimal, now_ns: int) -> None:
        repeats, limits = self._state.book.repeats, self._limits.of(fill.strategy, fill.symbol)
        place = (fill.strategy, listing_of(fill.venue, fill.symbol))
        repeats.end_old(place, now_ns - limits.repeat_window_ns)
        run = repeats.note(place, fill.side, quantity, now_ns)
        if run.count >= limits.repeat_executions_max:
            repeats.disable(fill.strategy, now_ns)

    def _on_account(self, account: AccountSnapshot, now_ns: int) -> Sequence[Effect]:
        self._state.book.take_account(account)
        return self.breakers.take_account(now_ns)

    def _on_gate_event(self, event: GateEvent, now_ns: int) -> Sequence[Effect]:
        if not self.breakers.board.is_own(event):
            self._state.gate.apply(event)
            if event.action == GateAction.LOWERED:
                self._enable(event.scope)
        return self.breakers.take_gate_event(event, now_ns)

    def _enable(self, scope: str) -> None:
        """Let the strategy whose own scope of the gate was lowered execute again."""
        kind, _, member = scope.partition(":")
        session, _, strategy = member.partition("/")
        if kind == "strategy" and session == self.parameters.session:
            self._book.repeats.enable(strategy)

    def _on_reconciliation(self, event: Reconciliation, now_ns: int) -> Sequence[Effect]:
        return self.breakers.take_reconciliation(event, now_ns)

    def _on_quote(self, quote: Quote, now_ns: int) -> Sequence[Effect]:
        return self.breakers.take_quote(quote, now_ns)

    def _on_timer(self, event: TimerFired, now_ns: int) -> Sequence[Effect]:
        return self.breakers.take_timer(event.name, now_ns)

    def _on_term_started(self, event: TermStarted, now_ns: int) -> Sequence[Effect]:
        self._state.term = event.term
        return self._keeper.take_configured(self._configured, now_ns)

    def _on_called(self, event: Called, now_ns: int) -> Sequence[Effect]:
        if isinstance(event.body, PlaceOrder):
            return self._place(event.call_id, event.body, now_ns)
        return self._keeper.take(event, now_ns)

    def _place(self, call_id: str, command: PlaceOrder, now_ns: int) -> Sequence[Effect]:
        """Decide an order by hand as a signal; a repeated command gets the verdict that it had."""
        known = self._state.placed.answer(command)
        if known is not None:
            return (Answer(call_id, known),)
        if now_ns >= self._book.day_ends_ns:
            self._turn_day(now_ns)
        signal = signal_of(command, self.parameters, self._state, now_ns)
        effects = self._answer(signal, now_ns, None, command)
        said = [each.body for each in effects if isinstance(each, Publish)]
        (verdict,) = [body for body in said if isinstance(body, Verdict)]
        return (*effects, Answer(call_id, self._state.placed.remember(command, verdict)))

    def _on_cause_missing(self, event: CauseMissing, now_ns: int) -> Sequence[Effect]:
        if not isinstance(event.body, Signal):
            return self.handle(event.body, now_ns)
        refused = Refused(
            code=Code.CAUSE_MISSING,
            expected="every message that the signal depends on",
            found=", ".join(f"nothing up to {k} of {name}" for name, k in event.missing),
            remedy="the next signal passes once the channel has caught up",
        )
        return self._answer(event.body, now_ns, refused)

    def _on_signal(self, signal: Signal, now_ns: int) -> Sequence[Effect]:
        return self._answer(signal, now_ns, None)

    def _answer(
        self,
        signal: Signal,
        now_ns: int,
        refused: Refused | None,
        placed: PlaceOrder | None = None,
    ) -> Sequence[Effect]:
        if not self._state.remember(key_of(signal)):
            return ()
        self._forget(now_ns)
        question = Question(
            signal=signal,
            now_ns=now_ns,
            parameters=self.parameters,
            limits=self._limits.of(signal.strategy, signal.symbol),
            state=self._state,
            placed=placed,
        )
        self._note(question)
        tripped = self.breakers.take_signal(question.listing, now_ns)
        if (placed or signal).legs and not refused:
            return (*tripped, *self._answer_legs(question))
        proposal, refused = (None, refused) if refused else decide(question)
        numbers = numbers_of(question, proposal, refused.numbers if refused else ())
        wanted = None if proposal is None else proposal.specification
        verdict = self._verdict(question, wanted, refused, numbers)
        if refused is None and proposal is not None and proposal.quantity > 0:
            self._reserve(proposal, verdict)
            if question.increasing:
                counted = self.breakers.take_entry(signal.strategy, now_ns)
                return (*tripped, Publish(verdict), *counted)
        return (*tripped, Publish(verdict))

    def _answer_legs(self, question: Question) -> Sequence[Effect]:
        """Decide an order with legs; its approval has reserved each of them."""
        decided = decide_structure(question, self._limits.of)
        refused = decided.refused
        extra = (*decided.numbers, *(refused.numbers if refused else ()))
        numbers = numbers_of(question, None, extra)
        verdict = self._verdict(question, decided.specification, refused, numbers)
        if refused is not None or decided.structure is None:
            return (Publish(verdict),)
        self._note_approval(verdict, listing_of_all(decided.structure), decided.specification)
        if not question.increasing:
            return (Publish(verdict),)
        counted = self.breakers.take_entry(question.signal.strategy, question.now_ns)
        return (Publish(verdict), *counted)

    def _forget(self, now_ns: int) -> None:
        self._state.book.orders.forget_unanswered(now_ns)
        self._state.forget_approvals(now_ns - self._limits.memory_ns)

    def _note(self, question: Question) -> None:
        """Remember what later signals are judged by: this one's time, listing and version."""
        signal, book = question.signal, self._state.book
        if signal.session == self.parameters.session:
            self._state.began_ns = self._state.began_ns or question.now_ns
            if signal.model_version and question.placed is None:
                self._state.models.setdefault(signal.strategy, signal.model_version)
            if question.instrument is not None:
                book.follow(question.listing)

    def _verdict(
        self,
        question: Question,
        specification: OrderSpecification | None,
        refused: Refused | None,
        numbers: tuple[DecisionNumber, ...],
    ) -> Verdict:
        signal, now_ns = question.signal, question.now_ns
        approved = refused is None and specification is not None
        lives = approved and not self.parameters.lockstep
        placed = question.placed
        return Verdict(
            session=self.parameters.session,
            account=self.parameters.account,
            strategy=signal.strategy,
            symbol=signal.symbol,
            signal_key=question.key,
            signal_event_at_ns=signal.event_at_ns,
            decision=Decision.APPROVED if approved else Decision.REFUSED,
            specification=specification if approved else None,
            risk_increasing=question.increasing,
            refusal=Refusal(code=refused.code.value, message=refused.message) if refused else None,
            term=self._state.term,
            gate_epoch=self._state.gate.epoch,
            limits_version=self._state.limits.version,
            decided_at_ns=now_ns,
            expires_at_ns=now_ns + self.parameters.verdict_ttl_ns if lives else 0,
            numbers=numbers,
            principal=placed.principal if placed else "",
            reason=placed.reason if placed else "",
            exact=placed is not None and not question.increasing,
        )

    def _reserve(self, proposal: Proposal, verdict: Verdict) -> None:
        specification, question = proposal.specification, proposal.question
        order = OpenOrder(
            strategy=verdict.strategy,
            listing=question.listing,
            side=specification.side,
            quantity=specification.quantity,
            price=proposal.price,
            reduce_only=specification.reduce_only,
            limit_price=specification.limit_price,
            sliced=specification.algorithm is not None,
            forget_after_ns=verdict.decided_at_ns if question.is_of_instant else 0,
        )
        self._state.book.orders.reserve(specification.client_order_id, order)
        if question.increasing:
            self._state.portfolio.remember_stop(proposal)
        self._note_approval(verdict, question.listing, specification)

    def _note_approval(
        self, verdict: Verdict, listing: str, specification: OrderSpecification
    ) -> None:
        self._state.approvals.append(
            Approval(
                at_ns=verdict.decided_at_ns,
                strategy=verdict.strategy,
                listing=listing,
                side=specification.side,
                quantity=specification.quantity,
            )
        )


def decide(question: Question) -> tuple[Proposal | None, Refused | None]:
    """Ask every rule; return the order as far as it got, and the refusal if there is one.

    A quantity of zero orders nothing (it asks execution to cancel entries), so no rule about
    orders is asked.
    """
    increasing = question.increasing
    refused = first_refusal(SIGNAL_RULES, question, increasing=increasing)
    if refused is not None:
        return None, refused
    instrument = question.instrument
    assert instrument is not None, "the instrument rule has passed"
    placed = question.placed
    if placed is None:
        proposal = propose(question, instrument)
    else:
        proposal = propose_placed(question, placed, instrument)
    if isinstance(proposal, Refused):
        return None, proposal
    if proposal.quantity == 0:
        return proposal, None
    return proposal, first_refusal(ORDER_RULES, proposal, increasing=increasing)
