"""What breakers of sessions do to the gate: raise it once, keep it shut, and let it go."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tidegate_contracts.risk import BreakerEvent, BreakerState, GateAction, GateLevel
from tidegate_kernel.gate import Level
from tidegate_risk.core.gate.machine import GateMachine
from tidegate_risk.testing import ACCOUNT, SESSION, Keeper

SCOPE = f"session:{SESSION}"
TRIPPED, CLEARED, RECOVERING = (
    BreakerState.TRIPPED,
    BreakerState.CLEARED,
    BreakerState.RECOVERING,
)


def breaker_event(state: BreakerState, trip: int = 1, **changes: Any) -> BreakerEvent:  # noqa: ANN401
    """Return what the breaker of the day's loss says."""
    usual = BreakerEvent(
        session=SESSION,
        account=ACCOUNT,
        breaker="daily_loss",
        scope=SCOPE,
        state=state,
        level=GateLevel.OPEN if state == RECOVERING else GateLevel.REDUCE_ONLY,
        trip=trip,
        reason="expected a small loss, found a large one",
    )
    return msgspec.structs.replace(usual, **changes)


def lockstep(state: BreakerState, trip: int = 1, **changes: Any) -> BreakerEvent:  # noqa: ANN401
    """Return what it says in a lockstep session, where a policy lowers it."""
    principal = "policy:next_day" if state == RECOVERING else ""
    return breaker_event(state, trip, lockstep=True, principal=principal, **changes)


def test_a_trip_raises_its_scope_once() -> None:
    """By name, with its reason, under a new epoch; the same trip told again raises nothing."""
    keeper = Keeper()
    keeper.tell(breaker_event(TRIPPED))
    keeper.tell(breaker_event(TRIPPED))
    (event,) = keeper.events
    assert (event.action, event.scope, event.level) == (
        GateAction.RAISED,
        SCOPE,
        GateLevel.REDUCE_ONLY,
    )
    assert (event.principal, event.breaker_session) == ("breaker:daily_loss", SESSION)
    assert event.reason == "expected a small loss, found a large one"
    assert event.gate_epoch == 1


def test_a_new_trip_raises_again() -> None:
    """Verdicts from between the two do not count."""
    keeper = Keeper()
    keeper.tell(breaker_event(TRIPPED))
    keeper.tell(breaker_event(CLEARED))
    keeper.tell(breaker_event(TRIPPED, trip=2))
    assert [event.gate_epoch for event in keeper.events] == [1, 2]


def test_nobody_lowers_the_scope_while_the_breaker_is_tripped() -> None:
    """Two principals are not enough before it is over."""
    keeper = Keeper()
    keeper.tell(breaker_event(TRIPPED))
    request = keeper.request(scope=SCOPE).request_id
    refused = keeper.approve(request)
    assert (refused.accepted, refused.code) == (False, "BREAKER_TRIPPED")
    assert "expected a small loss" in refused.message
    keeper.tell(breaker_event(CLEARED))
    assert keeper.approve(request).accepted
    assert keeper.level(SCOPE) is Level.OPEN


def test_lowering_to_what_the_breaker_holds_is_allowed() -> None:
    """From HALTED to REDUCE_ONLY: the breaker asks for no more."""
    keeper = Keeper()
    keeper.tell(breaker_event(TRIPPED))
    keeper.raise_to(GateLevel.HALTED, SCOPE)
    request = keeper.request(GateLevel.REDUCE_ONLY, SCOPE).request_id
    assert keeper.approve(request).accepted


def test_a_new_trip_that_overtakes_a_request_stands() -> None:
    """Who asked has seen the trip before it, which is over."""
    keeper = Keeper()
    for state, trip in ((TRIPPED, 1), (CLEARED, 1), (TRIPPED, 2), (CLEARED, 2)):
        keeper.tell(breaker_event(state, trip))
    assert keeper.request(scope=SCOPE, seen_epoch=1).code == "RAISED_SINCE"
    assert keeper.approve(keeper.request(scope=SCOPE, seen_epoch=2).request_id).accepted


def test_a_session_that_is_no_longer_configured_does_not_keep_it_shut() -> None:
    """Nobody can say that its breaker is over."""
    keeper = Keeper()
    keeper.tell(breaker_event(TRIPPED))
    request = keeper.request(scope=SCOPE, configured=("another",)).request_id
    assert keeper.approve(request).accepted
    assert keeper.machine.state.breakers == {}


def test_a_policy_lowers_what_only_lockstep_breakers_have_raised() -> None:
    """The simulated operator needs no second principal."""
    keeper = Keeper()
    for state in (TRIPPED, CLEARED, RECOVERING):
        keeper.tell(lockstep(state))
    assert [event.action for event in keeper.events] == [GateAction.RAISED, GateAction.LOWERED]
    assert keeper.events[-1].principal == "policy:next_day"
    assert keeper.level(SCOPE) is Level.OPEN


def test_a_policy_leaves_what_another_breaker_holds() -> None:
    """The daily loss is lowered, the drawdown in the same scope stays."""
    keeper = Keeper()
    keeper.tell(lockstep(TRIPPED))
    halted = {"breaker": "drawdown", "level": GateLevel.HALTED}
    keeper.tell(lockstep(TRIPPED, 2, **halted))
    for state in (CLEARED, RECOVERING):
        keeper.tell(lockstep(state))
    assert keeper.level(SCOPE) is Level.HALTED


@pytest.mark.parametrize("person_first", [True, False])
def test_no_policy_lowers_what_a_person_has_raised(*, person_first: bool) -> None:
    """Whoever came first: two principals must lower it."""
    keeper = Keeper()
    if person_first:
        keeper.raise_to(GateLevel.HALTED, SCOPE)
    keeper.tell(lockstep(TRIPPED))
    if not person_first:
        keeper.raise_to(GateLevel.HALTED, SCOPE)
    for state in (CLEARED, RECOVERING):
        keeper.tell(lockstep(state))
    assert keeper.level(SCOPE) is Level.HALTED


def test_no_policy_lowers_a_session_on_the_wall_s_clock() -> None:
    """Its breakers recover only after the gate has been lowered; their word lowers nothing."""
    keeper = Keeper()
    for state in (TRIPPED, CLEARED, RECOVERING):
        keeper.tell(breaker_event(state))
    assert keeper.level(SCOPE) is Level.REDUCE_ONLY


def test_a_pause_does_not_touch_the_gate() -> None:
    """It ends by itself."""
    keeper = Keeper()
    keeper.tell(breaker_event(BreakerState.PAUSED))
    assert keeper.events == []


def test_a_snapshot_holds_the_breakers() -> None:
    """A restored gate refuses and lowers as before."""
    keeper = Keeper()
    keeper.tell(lockstep(TRIPPED))
    machine = keeper.machine
    keeper.machine = GateMachine.restore(machine.parameters, machine.snapshot())
    assert keeper.machine.state == machine.state
    keeper.tell(lockstep(TRIPPED))
    assert len(keeper.events) == 1
    for state in (CLEARED, RECOVERING):
        keeper.tell(lockstep(state))
    assert keeper.level(SCOPE) is Level.OPEN
