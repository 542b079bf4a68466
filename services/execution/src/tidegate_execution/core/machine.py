"""The execution machine of one session: verdicts in, orders at the venue, fills out.

The life of an order:

1. An approved verdict arrives. The last hop checks it again (`last_hop`) and refuses it with a
   code, or the order is written down as `PENDING`, then `SUBMITTING`, and sent (`submission`).
2. The venue's answers and reports move it through the life cycle (`orders.lifecycle`); each
   execution is booked once as a fill, and it ends when its fills add up (`evidence`).
3. What is not proven is `UNKNOWN`, until a query proves it (`resolution`).
4. A reduce-only verdict cancels entries first and then closes what is held (`closing`).
5. What an entry fills is protected, if the session wants it, by a stop and a target (`exits`);
   an order whose trigger the venue cannot wait for is held here (`held`).
   An order with an algorithm is carried out in slices (`slicing`).
6. The account is compared with the venue's again and again (`reconciliation`), and how it stands
   is told (`standing`).
7. What changes holdings or cash without an order is shared among strategies and told (`entries`).
8. A raised gate stops sending in the same turn, cancels, makes sure and flattens (`kill`).
9. An order with legs is one order; its executions are booked leg by leg (`orders.legs`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

import msgspec

from tidegate_contracts.execution import (
    AdjustAccount,
    ApproveAdjustment,
    CancelAnswered,
    CancelOrder,
    OrderAccepted,
    OrderRejected,
    OutcomeUnknown,
    QueryAccount,
    QueryOrder,
    ReplaceOrder,
    SubmitOrder,
    VenueAccount,
    VenueEntry,
    VenueOrder,
    VenueReport,
)
from tidegate_contracts.host import CommandRefused
from tidegate_contracts.market import Bar, Instrument
from tidegate_contracts.risk import BreakerEvent, GateEvent, RaiseGate, Verdict
from tidegate_execution.core import (
    closing,
    kill,
    reconciliation,
    replacing,
    resolution,
    standing,
    submission,
)
from tidegate_execution.core.confirmation import Confirmation, LatchStanding, confirm
from tidegate_execution.core.entries.booking import take_entry
from tidegate_execution.core.evidence import take_report
from tidegate_execution.core.exits.keeping import EXITS_TIMER, keep as keep_exits
from tidegate_execution.core.held.holding import (
    DATE_TIMER,
    advance as let_go_triggered,
    see_bar,
    take_date,
)
from tidegate_execution.core.held.scanning import first_row, take_bars
from tidegate_execution.core.orders.order import Order
from tidegate_execution.core.parameters import ExecutionParameters
from tidegate_execution.core.slicing import keeping as slices, vwap
from tidegate_execution.core.state import ExecutionState, Grid
from tidegate_execution.core.turn import Turn
from tidegate_execution.core.venue_requests import ORDER_TIMER, look_again, query
from tidegate_kernel.machine import (
    Called,
    CauseMissing,
    Interrupted,
    Replied,
    TermStarted,
    TimerFired,
    Withheld,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegate_contracts.frame import Frame
    from tidegate_kernel.machine import Body, Effect, Event


class ExecutionMachine:
    """The orders of one session. Implements `tidegate_kernel.machine.Machine`."""

    follows_term: ClassVar[bool] = True

    def __init__(self, parameters: ExecutionParameters, state: ExecutionState) -> None:
        self.parameters = parameters
        self._state = state
        self._prices = state.prices
        self._handlers: dict[type, Callable[[Turn, Event], None]] = _HANDLERS

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Take one event; a bar moves the price of the notional cap, and may let orders leave."""
        if type(event) is Bar:
            self._prices[f"{event.venue}|{event.symbol}"] = event.close
            awaited = self._state.held_orders or self._state.slicings
            return self._on_bar(event, now_ns) if awaited else ()
        handler = self._handlers.get(type(event))
        if handler is None:
            return ()
        turn = Turn(self.parameters, self._state, now_ns)
        handler(turn, event)
        _finish(turn)
        return turn.effects

    def _on_bar(self, bar: Bar, now_ns: int) -> Sequence[Effect]:
        """Let a bar trigger what execution holds; one that triggers nothing says nothing."""
        turn = Turn(self.parameters, self._state, now_ns)
        see_bar(turn, bar)
        vwap.see_bar(turn, bar)
        if turn.triggered:
            _finish(turn)
        return turn.effects

    def scan(self, frame: Frame, first: int, last: int) -> int:
        """Return the first bar that could trigger or allow something; see `Frame`."""
        if self._state.held_orders:
            last = first_row(self._state, frame, first, last)
        return vwap.first_row(self._state, frame, first, last) if self._state.slicings else last

    def advance(self, frame: Frame, first: int, last: int) -> None:
        """Take bars as columns: last prices, and trailing triggers, are what is left of them."""
        if self._state.held_orders:
            take_bars(self._state, frame, first, last)
        for bar in frame.last_bars(first, last):
            self._prices[f"{bar.venue}|{bar.symbol}"] = bar.close

    def snapshot(self) -> bytes:
        """Return the state; dictionaries keep the order in which events filled them."""
        return msgspec.msgpack.encode(self._state)

    @classmethod
    def restore(cls, parameters: msgspec.Struct, snapshot: bytes | None) -> Self:
        """Build a new machine, or the one that was snapshotted."""
        assert isinstance(parameters, ExecutionParameters)
        if snapshot is None:
            return cls(parameters, ExecutionState())
        return cls(parameters, msgspec.msgpack.decode(snapshot, type=ExecutionState))

    def confirmation(self) -> Confirmation:
        """Return what people ask of the gate: level, open orders, whether all is confirmed."""
        return confirm(Turn(self.parameters, self._state, 0))

    def latch_standing(self, latch_id: str) -> LatchStanding:
        """Tell whether a latch was never heard of, is held, or was ended by a lowering."""
        if latch_id in self._state.gate.latches:
            return LatchStanding.HELD
        known = latch_id in self._state.latched
        return LatchStanding.ENDED if known else LatchStanding.UNKNOWN


def _finish(turn: Turn) -> None:
    """Let what follows from this turn happen in it: closings, the kill, comparing, telling."""
    if turn.gate_changed:
        turn.gate_changed = False
        kill.enforce(turn)
    if turn.state.slicings:
        slices.end(turn)
    if turn.state.orders:
        closing.advance(turn)
    if turn.state.slicings:
        slices.keep(turn)
    if turn.state.exit_plans:
        keep_exits(turn)
    if turn.state.held_orders:
        let_go_triggered(turn)
    if turn.state.sweep.running or turn.state.sweep.confirmed:
        kill.progress(turn)
    reconciliation.keep_going(turn)
    standing.announce(turn)


def _on_instrument(turn: Turn, event: Event) -> None:
    assert isinstance(event, Instrument)
    listing = f"{event.venue}|{event.symbol}"
    turn.state.price_scales[listing] = event.price_scale
    turn.state.grids[listing] = Grid(
        event.lot_size, event.min_quantity, event.min_notional, event.size_scale
    )
    turn.state.sessions.pop(listing, None)
    if event.open_intervals:
        turn.state.sessions[listing] = event.open_intervals
    reconciliation.ask_at_start(turn)


def _on_verdict(turn: Turn, event: Event) -> None:
    assert isinstance(event, Verdict)
    submission.take_verdict(turn, event)


def _on_cause_missing(turn: Turn, event: Event) -> None:
    assert isinstance(event, CauseMissing)
    if isinstance(event.body, Verdict):
        submission.take_verdict(turn, event.body, cause_missing=True)
        return
    handler = _HANDLERS.get(type(event.body))
    if handler is not None:
        handler(turn, event.body)


def _on_gate_event(turn: Turn, event: Event) -> None:
    assert isinstance(event, GateEvent)
    kill.take_gate_event(turn, event)


def _on_breaker(turn: Turn, event: Event) -> None:
    assert isinstance(event, BreakerEvent)
    kill.take_breaker_event(turn, event)


def _on_report(turn: Turn, event: Event) -> None:
    assert isinstance(event, VenueReport)
    take_report(turn, event)


def _on_entry(turn: Turn, event: Event) -> None:
    assert isinstance(event, VenueEntry)
    take_entry(turn, event)


def _on_term(turn: Turn, event: Event) -> None:
    assert isinstance(event, TermStarted)
    kill.unlock_after_restart(turn)
    resolution.begin_term(turn)
    reconciliation.begin_term(turn, event.term)


def _on_timer(turn: Turn, event: Event) -> None:
    assert isinstance(event, TimerFired)
    if event.name == kill.SWEEP_TIMER:
        kill.take_timer(turn)
    elif event.name == reconciliation.RECONCILE_TIMER:
        reconciliation.take_timer(turn)
    elif event.name.startswith(DATE_TIMER):
        take_date(turn, event.name.removeprefix(DATE_TIMER))
    elif event.name != EXITS_TIMER:
        order = turn.state.find(event.name.removeprefix(ORDER_TIMER))
        if order is not None:
            resolution.take_order_timer(turn, order)


def _on_call(turn: Turn, event: Event) -> None:
    assert isinstance(event, Called)
    if isinstance(event.body, RaiseGate):
        kill.take_raise(turn, event.call_id, event.body)
    elif isinstance(event.body, CancelOrder | ReplaceOrder):
        replacing.take_command(turn, event.call_id, event.body)
    elif isinstance(event.body, AdjustAccount | ApproveAdjustment):
        reconciliation.adjust(turn, event.call_id, event.body)
    elif isinstance(event.body, QueryAccount):
        reconciliation.ask_for(turn, event.call_id)
    elif isinstance(event.body, QueryOrder):
        turn.answer(event.call_id, _known(turn, event.body.client_order_id))
    elif isinstance(event.body, VenueReport):
        # A venue outside: what it says by itself is handed in, and no channel carries it.
        take_report(turn, event.body)
        turn.answer(event.call_id, _known(turn, event.body.client_order_id))
    elif isinstance(event.body, VenueEntry):
        turn.answer(event.call_id, take_entry(turn, event.body))
    else:
        found = type(event.body).__name__
        refused = CommandRefused(
            code="COMMAND_UNKNOWN",
            message=f"execution does not take {found}",
            expected="RaiseGate, a command of orders or accounts, a query, or a venue's report",
            found=found,
            hint="send it to the service that owns it",
        )
        turn.answer(event.call_id, refused)


def _known(turn: Turn, client_order_id: str) -> VenueOrder:
    """Say what this machine itself knows of an order; the venue is not asked."""
    order = turn.state.find(client_order_id)
    if order is None:
        return VenueOrder(client_order_id=client_order_id, found=False)
    return VenueOrder(
        client_order_id=order.client_order_id,
        found=True,
        venue_order_id=order.venue_order_id,
        state=order.state,
        filled_quantity=order.filled_quantity,
        specification=order.specification,
        event_at_ns=turn.now_ns,
    )


def _on_reply(turn: Turn, event: Event) -> None:
    assert isinstance(event, Replied)
    request, answer = event.request, event.answer
    if isinstance(request, QueryAccount):
        _on_account(turn, answer)
        return
    order = _order_of(turn, request)
    if order is None:
        return
    if isinstance(request, SubmitOrder):
        _on_submitted(turn, order, answer)
    elif isinstance(request, QueryOrder):
        _on_queried(turn, order, answer)
    else:
        _on_cancel_answer(turn, order, answer)


def _on_account(turn: Turn, answer: Body) -> None:
    if isinstance(answer, VenueAccount):
        reconciliation.take_account(turn, answer)
        kill.take_account(turn, answer)
    else:
        reconciliation.take_failure(turn, type(answer).__name__)


def _on_submitted(turn: Turn, order: Order, answer: Body) -> None:
    if isinstance(answer, OrderAccepted):
        submission.take_accepted(turn, order, answer)
    elif isinstance(answer, OrderRejected):
        submission.take_rejected(turn, order, answer)
    else:
        reason = answer.reason if isinstance(answer, OutcomeUnknown) else type(answer).__name__
        resolution.become_unknown(turn, order, reason)


def _on_queried(turn: Turn, order: Order, answer: Body) -> None:
    if isinstance(answer, VenueOrder):
        resolution.take_query_answer(turn, order, answer)
    else:
        resolution.take_query_failure(turn, order)


def _on_cancel_answer(turn: Turn, order: Order, answer: Body) -> None:
    if order.ended:
        return
    if not isinstance(answer, CancelAnswered):
        look_again(turn, order)
    elif not answer.accepted:
        query(turn, order)


def _on_interrupted(turn: Turn, event: Event) -> None:
    assert isinstance(event, Interrupted)
    _on_failure(turn, event.request, "interrupted between request and outcome")


def _on_withheld(turn: Turn, event: Event) -> None:
    assert isinstance(event, Withheld)
    order = _order_of(turn, event.request)
    if isinstance(event.request, SubmitOrder) and order is not None:
        submission.take_withheld(turn, order, event)
    else:
        _on_failure(turn, event.request, f"{event.code}: {event.reason}")


def _on_failure(turn: Turn, request: Body, reason: str) -> None:
    if isinstance(request, QueryAccount):
        reconciliation.take_failure(turn, reason)
        return
    order = _order_of(turn, request)
    if order is None:
        return
    if isinstance(request, SubmitOrder):
        resolution.become_unknown(turn, order, reason)
    elif isinstance(request, QueryOrder):
        resolution.take_query_failure(turn, order)
    elif not order.ended:
        look_again(turn, order)


def _order_of(turn: Turn, request: Body) -> Order | None:
    if isinstance(request, SubmitOrder):
        return turn.state.find(request.specification.client_order_id)
    if isinstance(request, CancelOrder | QueryOrder):
        return turn.state.find(request.client_order_id)
    return None


_HANDLERS: dict[type, Callable[[Turn, Event], None]] = {
    Instrument: _on_instrument,
    Verdict: _on_verdict,
    CauseMissing: _on_cause_missing,
    GateEvent: _on_gate_event,
    BreakerEvent: _on_breaker,
    VenueReport: _on_report,
    VenueEntry: _on_entry,
    TermStarted: _on_term,
    TimerFired: _on_timer,
    Called: _on_call,
    Replied: _on_reply,
    Interrupted: _on_interrupted,
    Withheld: _on_withheld,
}
