"""The kill, carried out: stop, cancel everything, make sure, and flatten if that was asked.

1. A raise takes effect in the turn that hears it: what the gate does not let pass is not sent any
   more, and what is open and not let pass is cancelled at once. Below `OPEN` that includes resting
   entries: under `REDUCE_ONLY` nothing that could increase a position stays in the market.
2. A sweep then asks the venue for its account, cancels whatever is still open in the gated scopes
   (orders that are not ours included) and repeats, until the venue shows none: confirmed.
3. Under `FLATTENING` the confirmed sweep closes what is held in the gated scopes with reduce-only
   market orders of its own, and goes on until nothing is held (`flattening`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderSpecification, OrderState
from tidegate_contracts.risk import BreakerState, GateAction, GateAnswer, GateLevel
from tidegate_execution.core import reconciliation
from tidegate_execution.core.flattening import close_held_back, close_holdings, left_to_close
from tidegate_execution.core.gatekeeping import (
    blocked_orders,
    is_restricted,
    latch,
    level_for,
    touches,
)
from tidegate_execution.core.state import Sweep
from tidegate_execution.core.venue_requests import cancel, cancel_by_id, request_cancel
from tidegate_kernel.errors import IdentifierError
from tidegate_kernel.gate import Activity, checked_scope, passes

if TYPE_CHECKING:
    from tidegate_contracts.execution import VenueAccount, VenueOrder
    from tidegate_contracts.risk import BreakerEvent, GateEvent, RaiseGate
    from tidegate_execution.core.turn import Turn

SWEEP_TIMER = "sweep"
GATE_CLOSED = "GATE_CLOSED"
ANSWERS_REMEMBERED = 1_000


def take_breaker_event(turn: Turn, event: BreakerEvent) -> None:
    """Hold what a breaker of the session shuts, at once; its pauses are risk's own business."""
    holds = event.state in {BreakerState.TRIPPED, BreakerState.CLEARED}
    level = event.level if holds else GateLevel.OPEN
    if turn.state.gate.hold(event.breaker, event.scope, int(level)):
        turn.gate_changed = True


def take_gate_event(turn: Turn, event: GateEvent) -> None:
    """Fold a gate event; a raise is enforced at the end of this turn.

    What the gate does for a breaker of a lockstep session, that session already knows from the
    breaker itself, at a place in its rounds; the gate's word comes whenever it comes.
    """
    if turn.parameters.lockstep and event.breaker_session == turn.parameters.session:
        return
    if turn.state.gate.apply(event):
        turn.gate_changed = True
    raised = event.action in (GateAction.RAISED, GateAction.LATCH_FOLDED)
    if raised and event.level == GateLevel.LOCKED and event.scope not in turn.state.locked_scopes:
        turn.state.locked_scopes.append(event.scope)


def take_raise(turn: Turn, call_id: str, command: RaiseGate) -> None:
    """Obey a raise that reached this shard without risk, and answer; a repeated call repeats."""
    answers = turn.state.answered
    answer = answers.get(call_id)
    if answer is None:
        answer = _raise(turn, call_id, command)
        answers[call_id] = answer
        while len(answers) > ANSWERS_REMEMBERED:
            del answers[next(iter(answers))]
    turn.answer(call_id, answer)


def _raise(turn: Turn, call_id: str, command: RaiseGate) -> GateAnswer:
    refused = _refuse(turn, command)
    if refused is not None:
        return refused
    latch(turn, f"{turn.parameters.shard}:{call_id}", command)
    if command.level == GateLevel.LOCKED and command.scope not in turn.state.locked_scopes:
        turn.state.locked_scopes.append(command.scope)
    blocked = len(blocked_orders(turn))
    return GateAnswer(
        accepted=True,
        message=f"latched; {blocked} open orders are being cancelled",
        scope=command.scope,
        level=command.level,
        gate_epoch=turn.state.gate.epoch,
    )


def _refuse(turn: Turn, command: RaiseGate) -> GateAnswer | None:
    try:
        checked_scope(command.scope)
    except IdentifierError as error:
        return _not_accepted(command, "SCOPE_INVALID", str(error))
    if command.level <= GateLevel.OPEN:
        found = f"expected REDUCE_ONLY or worse, found {command.level.name}"
        return _not_accepted(command, "LEVEL_INVALID", found)
    if not touches(turn, command.scope):
        found = f"expected a scope of session {turn.parameters.session}, found {command.scope}"
        return _not_accepted(command, "SCOPE_ELSEWHERE", found)
    return None


def _not_accepted(command: RaiseGate, code: str, message: str) -> GateAnswer:
    return GateAnswer(
        accepted=False, code=code, message=message, scope=command.scope, level=command.level
    )


def unlock_after_restart(turn: Turn) -> None:
    """A restart ends the lock that outlives its lowering; the gate's own level stays."""
    turn.state.locked_scopes.clear()
    turn.gate_changed = turn.gate_changed or turn.state.sweep.running


def enforce(turn: Turn) -> None:
    """The gate has changed: cancel what it does not let be, and start or stop the sweep."""
    if not is_restricted(turn):
        turn.state.sweep = Sweep()
        turn.forget_timer(SWEEP_TIMER)
        return
    for order in blocked_orders(turn):
        cancel(turn, order, GATE_CLOSED)
    turn.state.sweep.running, turn.state.sweep.confirmed = True, False
    reconciliation.ask(turn)
    turn.wake_after(SWEEP_TIMER, turn.parameters.retry_after_ns)


def progress(turn: Turn) -> None:
    """When the last blocked order has ended, ask the venue at once whether that is all.

    What a late execution brings into a scope that was flat is closed too.
    """
    sweep = turn.state.sweep
    if not sweep.running and sweep.confirmed and left_to_close(turn):
        sweep.running = True
        close_holdings(turn)
        turn.wake_after(SWEEP_TIMER, turn.parameters.retry_after_ns)
    if sweep.confirmed:
        close_held_back(turn)
    asked = turn.state.reconciliation
    if not sweep.running or sweep.confirmed or asked.asking:
        return
    if turn.state.changes > asked.asked_n and not blocked_orders(turn):
        reconciliation.ask(turn)


def take_timer(turn: Turn) -> None:
    """Repeat whatever has not been confirmed."""
    sweep = turn.state.sweep
    if not sweep.running:
        return
    for order in blocked_orders(turn):
        if order.state != OrderState.PENDING and not order.is_parent:
            request_cancel(turn, order)
    if not sweep.confirmed:
        reconciliation.ask(turn)
    elif left_to_close(turn):
        close_holdings(turn)
    else:
        sweep.running = False
        return
    turn.wake_after(SWEEP_TIMER, turn.parameters.retry_after_ns)


def take_account(turn: Turn, account: VenueAccount) -> None:
    """See what the venue still holds open in the gated scopes."""
    sweep = turn.state.sweep
    if not sweep.running:
        return
    still_open = [each for each in account.open_orders if _is_blocked(turn, each)]
    sweep.venue_open = len(still_open)
    for each in still_open:
        if each.client_order_id not in turn.state.orders:
            specification = each.specification or OrderSpecification()
            cancel_by_id(turn, each.client_order_id, specification.venue, specification.symbol)
    if not still_open and not blocked_orders(turn):
        sweep.confirmed = True
        close_holdings(turn)


def _is_blocked(turn: Turn, listed: VenueOrder) -> bool:
    order = turn.state.find(listed.client_order_id)
    known = order.specification if order is not None else OrderSpecification()
    specification = listed.specification or known
    strategy = order.strategy if order is not None else ""
    legs = tuple(leg.symbol for leg in specification.legs)
    coverage = turn.coverage(strategy, specification.venue, specification.symbol, legs)
    activity = order.activity if order is not None else Activity.INCREASE
    return not passes(level_for(turn, coverage), activity)
