"""The gate's one writer: commands, breakers and latches in, signed gate events out.

1. **Raise**: anybody. Takes a new epoch even when the level was in force already.
2. **Breaker**: a session's breaker has tripped, and its scope is raised; see `breaking`.
3. **Latch**: an execution shard was told to stop while risk was away. Folded in once, as a raise.
4. **Lower**: one principal asks; the request waits `request_valid_ns` for another to approve.
   It is refused when both are the same, when the scope was raised after what the one has seen
   who asked, and while anything in the scope is unreconciled. LOCKED is lowered only after
   execution was restarted. All rules are in `lowering`. A lowering names the latches that it ends.
5. Everybody, this machine included, knows the gate only as the fold of these events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import msgspec

from tidegate_contracts.execution import OrderEvent, OrderState, Reconciliation
from tidegate_contracts.risk import (
    ApproveLowering,
    BreakerEvent,
    GateAction,
    GateAnswer,
    GateEvent,
    GateLatch,
    GateLevel,
    RaiseGate,
    RequestLowering,
)
from tidegate_kernel.gate import Coverage, GateView, Level
from tidegate_kernel.machine import (
    Answer,
    Called,
    CancelTimer,
    CauseMissing,
    Publish,
    SetTimer,
    TermStarted,
    TimerFired,
)
from tidegate_risk.core.gate import breaking
from tidegate_risk.core.gate.faults import Fault, raise_fault, unknown_request
from tidegate_risk.core.gate.lowering import Approval, Asked, approval_fault, request_fault
from tidegate_risk.core.gate.state import FoldedLatch, GateState, Lowering, SessionStanding
from tidegate_risk.core.gate.table import GATE_TABLE, LOWERINGS, RAISES
from tidegate_risk.core.parameters import GateParameters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegate_kernel.machine import Effect, Event

Outcome = tuple[GateAnswer, "Sequence[Effect]"]

NO_REASON = "no reason given"
_REQUEST_ACTIONS = (GateAction.LOWERING_REQUESTED, GateAction.REQUEST_EXPIRED)

# The order of a dictionary is state: what is oldest is forgotten first, and refusals list in it.
_encoder = msgspec.msgpack.Encoder()


class GateMachine:
    """Keeps the gate for every session."""

    def __init__(self, parameters: GateParameters, state: GateState) -> None:
        self.parameters = parameters
        self.state = state
        self._commands: dict[type, Callable[..., Outcome]] = {
            RaiseGate: self._raise,
            RequestLowering: self._request,
            ApproveLowering: self._approve,
        }
        self._handlers: dict[type, Callable[..., Sequence[Effect]]] = {
            Called: self._on_called,
            GateLatch: self._on_latch,
            BreakerEvent: self._on_breaker,
            OrderEvent: self._on_order_event,
            Reconciliation: self._on_reconciliation,
            TimerFired: self._on_timer,
            GateEvent: _ignored,
            TermStarted: _ignored,
            CauseMissing: self._on_cause_missing,
        }

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Take one event; an unknown kind is a programmer's error and crashes the shard."""
        return self._handlers[type(event)](event, now_ns)

    def snapshot(self) -> bytes:
        """Return the whole state."""
        return _encoder.encode(self.state)

    @classmethod
    def restore(cls, parameters: msgspec.Struct, snapshot: bytes | None) -> Self:
        """Build the machine, new or from a snapshot."""
        assert isinstance(parameters, GateParameters)
        if snapshot is None:
            return cls(parameters, GateState(view=GateView()))
        return cls(parameters, msgspec.msgpack.decode(snapshot, type=GateState))

    def _on_called(self, event: Called, now_ns: int) -> Sequence[Effect]:
        known = self.state.answers.get(event.call_id)
        if known is not None:
            return (Answer(event.call_id, known),)
        answer, effects = self._commands[type(event.body)](event.body, now_ns)
        self.state.remember_answer(event.call_id, answer)
        return (*effects, Answer(event.call_id, answer))

    def _on_cause_missing(self, event: CauseMissing, now_ns: int) -> Sequence[Effect]:
        return self.handle(event.body, now_ns)

    def _on_order_event(self, event: OrderEvent, _now_ns: int) -> Sequence[Effect]:
        self.state.hear_of(event.session, event.account)
        order = f"{event.session}|{event.specification.client_order_id}"
        if event.state == OrderState.UNKNOWN:
            self.state.unknown_orders[order] = Coverage(
                session=event.session,
                account=event.account,
                venue=event.specification.venue,
                strategy=event.strategy,
                symbol=event.specification.symbol,
                legs=tuple(leg.symbol for leg in event.specification.legs),
            )
        else:
            self.state.unknown_orders.pop(order, None)
        return ()

    def _on_reconciliation(self, event: Reconciliation, _now_ns: int) -> Sequence[Effect]:
        self.state.sessions[event.session] = SessionStanding(
            event.account, event.term, event.reconciled, event.reason
        )
        return ()

    def _on_latch(self, latch: GateLatch, now_ns: int) -> Sequence[Effect]:
        if latch.latch_id in self.state.latches:
            return ()
        level = Level(latch.level)
        self.state.latches[latch.latch_id] = FoldedLatch(latch.scope, level, ended=False)
        event = GateEvent(
            action=GateAction.LATCH_FOLDED,
            scope=latch.scope,
            level=GateLevel(self._raised_level(latch.scope, level)),
            gate_epoch=self.state.view.epoch + 1,
            at_ns=now_ns,
            principal=latch.principal,
            reason=latch.reason or NO_REASON,
            latches=(latch.latch_id,),
        )
        return self._say(event)

    def _on_breaker(self, event: BreakerEvent, now_ns: int) -> Sequence[Effect]:
        state, scope = self.state, event.scope
        state.hear_of(event.session, event.account)
        raises, simulated = breaking.raises(state, event), state.is_simulated(scope)
        held = breaking.key_of(event) in state.breakers
        breaking.remember(state, event)
        if raises:
            level = self._raised_level(scope, Level(event.level))
            said = self._say(_breaker_event(event, GateAction.RAISED, level, state, now_ns))
            if event.lockstep and simulated:
                state.simulated[scope] = state.view.epoch
            return said
        left = breaking.level_left(state, scope)
        ended = held and breaking.key_of(event) not in state.breakers
        if ended and event.lockstep and simulated and left < self._level(scope):
            return self._say(_breaker_event(event, GateAction.LOWERED, left, state, now_ns))
        return ()

    def _on_timer(self, timer: TimerFired, now_ns: int) -> Sequence[Effect]:
        request = self.state.requests.pop(timer.name, None)
        if request is None:
            return ()
        event = _request_event(timer.name, GateAction.REQUEST_EXPIRED, request, self.state)
        return self._say(msgspec.structs.replace(event, at_ns=now_ns))

    def _raise(self, command: RaiseGate, now_ns: int) -> Outcome:
        fault = raise_fault(command)
        if fault is not None:
            return self._refused(fault, command.scope), ()
        event = GateEvent(
            action=GateAction.RAISED,
            scope=command.scope,
            level=GateLevel(self._raised_level(command.scope, Level(command.level))),
            gate_epoch=self.state.view.epoch + 1,
            at_ns=now_ns,
            principal=command.principal,
            reason=command.reason or NO_REASON,
        )
        effects = self._say(event)
        return self._accepted(command.scope), effects

    def _request(self, command: RequestLowering, now_ns: int) -> Outcome:
        fault = request_fault(Asked(command, self.state))
        if fault is not None:
            return self._refused(fault, command.scope), ()
        self.state.requests_made += 1
        request_id = f"lowering-{self.state.requests_made}"
        request = Lowering(
            scope=command.scope,
            level=Level(command.level),
            principal=command.principal,
            reason=command.reason,
            expires_at_ns=now_ns + self.parameters.request_valid_ns,
            raise_epoch=self.state.view.raise_epochs.get(command.scope, 0),
            retired=self._retired(command),
        )
        self.state.requests[request_id] = request
        event = _request_event(request_id, GateAction.LOWERING_REQUESTED, request, self.state)
        effects = (
            *self._say(msgspec.structs.replace(event, at_ns=now_ns)),
            SetTimer(request_id, request.expires_at_ns),
        )
        return self._accepted(command.scope, request_id, request.expires_at_ns), effects

    def _retired(self, command: RequestLowering) -> tuple[str, ...]:
        """Return the sessions in the scope that were heard of and are no longer configured."""
        if not command.configured_sessions:
            return ()
        sessions = self.state.sessions_in(command.scope)
        return tuple(name for name, _ in sessions if name not in command.configured_sessions)

    def _approve(self, command: ApproveLowering, now_ns: int) -> Outcome:
        request = self.state.requests.get(command.request_id)
        if request is None:
            return self._refused(unknown_request(command.request_id), ""), ()
        fault = approval_fault(Approval(command, request, self.state, now_ns))
        if fault is not None:
            return self._refused(fault, request.scope), ()
        del self.state.requests[command.request_id]
        event = self._lowered(command, request, now_ns)
        self.state.end_latches(event.latches)
        self.state.retire(request.retired)
        effects = (CancelTimer(command.request_id), *self._say(event))
        return self._accepted(request.scope, command.request_id), effects

    def _lowered(self, command: ApproveLowering, request: Lowering, now_ns: int) -> GateEvent:
        return GateEvent(
            action=GateAction.LOWERED,
            scope=request.scope,
            level=GateLevel(self._lowered_level(request)),
            gate_epoch=self.state.view.epoch,
            at_ns=now_ns,
            principal=request.principal,
            reason=request.reason,
            request_id=command.request_id,
            request_expires_at_ns=request.expires_at_ns,
            approver=command.principal,
            latches=self.state.open_latches(request.scope, request.level),
            requested_level=GateLevel(request.level),
            retired_sessions=request.retired,
        )

    def _level(self, scope: str) -> Level:
        return self.state.view.level_of(scope)

    def _raised_level(self, scope: str, level: Level) -> Level:
        after = GATE_TABLE.next(self._level(scope), RAISES[level])
        assert after is not None, "a raise is never ignored"
        return after

    def _lowered_level(self, request: Lowering) -> Level:
        after = GATE_TABLE.next(self._level(request.scope), LOWERINGS[request.level])
        assert after is not None, "no other lowering can have come first: see _approve"
        return after

    def _say(self, event: GateEvent) -> Sequence[Effect]:
        self.state.view.apply(event)
        if event.action not in _REQUEST_ACTIONS:
            self.state.follow_lock(event.scope)
        return (Publish(event),)

    def _accepted(
        self, scope: str, request_id: str = "", request_expires_at_ns: int = 0
    ) -> GateAnswer:
        return GateAnswer(
            accepted=True,
            scope=scope,
            level=GateLevel(self._level(scope)),
            gate_epoch=self.state.view.epoch,
            request_id=request_id,
            request_expires_at_ns=request_expires_at_ns,
        )

    def _refused(self, fault: Fault, scope: str) -> GateAnswer:
        known = scope in self.state.view.levels
        return GateAnswer(
            accepted=False,
            code=fault.code,
            message=fault.message,
            scope=scope,
            level=GateLevel(self._level(scope)) if known else GateLevel.UNSPECIFIED,
            gate_epoch=self.state.view.epoch,
        )


def _breaker_event(
    event: BreakerEvent, action: GateAction, level: Level, state: GateState, now_ns: int
) -> GateEvent:
    raised = action == GateAction.RAISED
    return GateEvent(
        action=action,
        scope=event.scope,
        level=GateLevel(level),
        gate_epoch=state.view.epoch + 1 if raised else state.view.epoch,
        at_ns=now_ns,
        principal=f"breaker:{event.breaker}" if raised else event.principal,
        reason=event.reason or NO_REASON,
        breaker_session=event.session,
    )


def _request_event(
    request_id: str, action: GateAction, request: Lowering, state: GateState
) -> GateEvent:
    return GateEvent(
        action=action,
        scope=request.scope,
        level=GateLevel(state.view.level_of(request.scope)),
        gate_epoch=state.view.epoch,
        principal=request.principal,
        reason=request.reason,
        request_id=request_id,
        request_expires_at_ns=request.expires_at_ns,
        requested_level=GateLevel(request.level),
        retired_sessions=request.retired,
    )


def _ignored(_event: Event, _now_ns: int) -> Sequence[Effect]:
    return ()
