"""The gate machine: anybody raises, two principals lower, and latches are folded in once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from tidegate_contracts.execution import OrderEvent, OrderSpecification, OrderState
from tidegate_contracts.risk import (
    ApproveLowering,
    GateAction,
    GateLatch,
    GateLevel,
    RaiseGate,
    RequestLowering,
)
from tidegate_kernel.gate import GateView, Level
from tidegate_kernel.machine import (
    Called,
    CancelTimer,
    SetTimer,
    TermStarted,
    TimerFired,
)
from tidegate_risk.core.gate.machine import GateMachine
from tidegate_risk.testing import VALID_NS, Keeper, reconciliation

if TYPE_CHECKING:
    from tidegate_kernel.machine import Body


def unknown_order(state: OrderState = OrderState.UNKNOWN) -> OrderEvent:
    """Report the state of one order of session demo in AAPL."""
    return OrderEvent(
        session="demo",
        account="paper",
        strategy="ema",
        specification=OrderSpecification(client_order_id="o1", venue="XNAS", symbol="AAPL"),
        state=state,
    )


def latch(scope: str = "session:demo", level: GateLevel = GateLevel.HALTED) -> GateLatch:
    """Report a latch of an execution shard."""
    return GateLatch(
        latch_id="l1",
        shard="execution/demo",
        session="demo",
        scope=scope,
        level=level,
        principal="operator",
        reason="risk was away",
        at_ns=900,
    )


def seen_at(epoch: int) -> RequestLowering:
    """Ask for an open gate, which was seen at this epoch."""
    return RequestLowering(scope="all", level=GateLevel.OPEN, reason="x", seen_epoch=epoch)


def test_a_raise_is_published_and_answered() -> None:
    """Level, epoch, principal and reason are in the event; the answer tells the same."""
    keeper = Keeper()
    answer = keeper.raise_to(GateLevel.HALTED, "session:demo")
    event = keeper.events[-1]
    assert (answer.accepted, answer.level, answer.gate_epoch) == (True, GateLevel.HALTED, 1)
    assert (event.action, event.scope, event.level) == (
        GateAction.RAISED,
        "session:demo",
        GateLevel.HALTED,
    )
    assert (event.principal, event.reason, event.at_ns) == ("operator", "test", 1_000)


def test_a_raise_never_softens_and_always_takes_a_new_epoch() -> None:
    """REDUCE_ONLY asked of a HALTED scope leaves it HALTED, under epoch 2."""
    keeper = Keeper()
    keeper.raise_to(GateLevel.HALTED)
    answer = keeper.raise_to(GateLevel.REDUCE_ONLY)
    assert (answer.level, answer.gate_epoch) == (GateLevel.HALTED, 2)
    assert keeper.events[-1].level == GateLevel.HALTED


def test_a_kill_needs_no_reason() -> None:
    """Nothing but an impossible scope or level keeps a raise out."""
    keeper = Keeper()
    answer = keeper.call(RaiseGate(scope="all", level=GateLevel.HALTED, principal="operator"))
    assert answer.accepted
    assert keeper.events[-1].reason == "no reason given"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (RaiseGate(scope="everything", level=GateLevel.HALTED), "INVALID_SCOPE"),
        (RaiseGate(scope="all", level=GateLevel.OPEN), "INVALID_LEVEL"),
        (RaiseGate(scope="all"), "INVALID_LEVEL"),
        (RequestLowering(scope="everything", level=GateLevel.OPEN, reason="x"), "INVALID_SCOPE"),
        (RequestLowering(scope="all", level=GateLevel.LOCKED, reason="x"), "INVALID_LEVEL"),
        (RequestLowering(scope="all", reason="x"), "INVALID_LEVEL"),
        (RequestLowering(scope="all", level=GateLevel.OPEN), "REASON_MISSING"),
        (RequestLowering(scope="all", level=GateLevel.HALTED, reason="x"), "NOTHING_TO_LOWER"),
        (RequestLowering(scope="all", level=GateLevel.OPEN, reason="x"), "EPOCH_MISSING"),
        (seen_at(-1), "EPOCH_MISSING"),
        (seen_at(3), "EPOCH_UNKNOWN"),
        (seen_at(2**63 - 1), "EPOCH_UNKNOWN"),
        (seen_at(1), "RAISED_SINCE"),
        (ApproveLowering(request_id="lowering-9", principal="x"), "REQUEST_UNKNOWN"),
    ],
    ids=str,
)
def test_an_impossible_command_is_refused_and_changes_nothing(command: Body, code: str) -> None:
    """With a stable code and a message that says what to do."""
    keeper = Keeper()
    keeper.raise_to(scope="session:demo")
    keeper.raise_to()
    before = keeper.machine.state.view.epoch
    answer = keeper.call(command)
    assert (answer.accepted, answer.code) == (False, code)
    assert re.fullmatch("expected .+, found .+; .+", answer.message)
    assert (len(keeper.events), keeper.machine.state.view.epoch) == (2, before)


def test_two_principals_lower() -> None:
    """The request waits for its timer; the approval carries it out and stops the timer."""
    keeper = Keeper()
    keeper.raise_to()
    request = keeper.request()
    assert SetTimer(request.request_id, keeper.now_ns + VALID_NS) in keeper.effects
    assert keeper.level() is Level.HALTED
    answer = keeper.approve(request.request_id)
    assert CancelTimer(request.request_id) in keeper.effects
    assert (answer.accepted, answer.level) == (True, GateLevel.OPEN)
    event = keeper.events[-1]
    assert (event.principal, event.approver) == ("operator", "approver")
    assert (event.action, event.gate_epoch) == (GateAction.LOWERED, 1)


def test_one_principal_cannot_lower_alone() -> None:
    """The request stays, so that somebody else can still approve it."""
    keeper = Keeper()
    keeper.raise_to()
    request = keeper.request()
    assert keeper.approve(request.request_id, "operator").code == "SAME_PRINCIPAL"
    assert keeper.level() is Level.HALTED
    assert keeper.approve(request.request_id).accepted


def test_a_request_expires() -> None:
    """At its time it can no longer be approved, and the timer says so on the bus."""
    keeper = Keeper()
    keeper.raise_to()
    request = keeper.request()
    keeper.now_ns += VALID_NS
    assert keeper.approve(request.request_id).code == "REQUEST_EXPIRED"
    keeper.tell(TimerFired(request.request_id, keeper.now_ns))
    assert keeper.events[-1].action == GateAction.REQUEST_EXPIRED
    assert keeper.approve(request.request_id).code == "REQUEST_UNKNOWN"
    assert keeper.level() is Level.HALTED


def test_a_request_lives_until_its_last_nanosecond() -> None:
    """One nanosecond before its time it can be approved."""
    keeper = Keeper()
    keeper.raise_to()
    request = keeper.request()
    keeper.now_ns += VALID_NS - 1
    assert keeper.approve(request.request_id).accepted


def test_a_timer_of_a_finished_request_says_nothing() -> None:
    """It may fire in the moment of the approval."""
    keeper = Keeper()
    keeper.raise_to()
    request = keeper.request()
    keeper.approve(request.request_id)
    keeper.tell(TimerFired(request.request_id, keeper.now_ns))
    assert keeper.effects == []


def test_a_raise_voids_the_requests_before_it() -> None:
    """An approval must not undo a raise that its request did not know."""
    keeper = Keeper()
    keeper.raise_to()
    request = keeper.request()
    keeper.raise_to()
    assert keeper.approve(request.request_id).code == "RAISED_SINCE"
    assert keeper.level() is Level.HALTED


def test_a_raise_that_overtakes_a_request_stands() -> None:
    """Who asked had looked before it: nothing is filed until they have looked again."""
    keeper = Keeper()
    seen = keeper.raise_to(GateLevel.REDUCE_ONLY).gate_epoch
    keeper.raise_to(GateLevel.HALTED)
    refused = keeper.request(seen_epoch=seen)
    assert (refused.accepted, refused.code, refused.request_id) == (False, "RAISED_SINCE", "")
    assert keeper.machine.state.requests == {}
    assert keeper.level() is Level.HALTED
    assert keeper.approve(keeper.request(seen_epoch=refused.gate_epoch).request_id).accepted


def test_a_latch_that_overtakes_a_request_stands() -> None:
    """Though it raised no level, who asked has not seen it."""
    keeper = Keeper()
    seen = keeper.raise_to(scope="session:demo").gate_epoch
    keeper.tell(latch(level=GateLevel.REDUCE_ONLY))
    assert keeper.request(scope="session:demo", seen_epoch=seen).code == "RAISED_SINCE"
    assert keeper.request(scope="session:demo", seen_epoch=seen + 1).accepted


def test_a_raise_of_another_scope_is_not_lowered_and_voids_nothing() -> None:
    """A lowering reaches its own scope alone, so only raises of that count."""
    keeper = Keeper()
    seen = keeper.raise_to(scope="session:demo").gate_epoch
    keeper.raise_to()
    request = keeper.request(scope="session:demo", seen_epoch=seen)
    keeper.raise_to(scope="symbol:AAPL")
    assert keeper.approve(request.request_id).accepted
    assert keeper.level() is Level.HALTED


def test_the_epoch_of_a_lowering_has_seen_what_was_left() -> None:
    """A scope that was lowered in part shows a later epoch than that of its raise."""
    keeper = Keeper()
    keeper.raise_to()
    keeper.raise_to(scope="session:demo")
    keeper.approve(keeper.request(GateLevel.REDUCE_ONLY).request_id)
    shown = keeper.events[-1].gate_epoch
    assert shown == 2
    assert keeper.approve(keeper.request(seen_epoch=shown).request_id).accepted


def test_the_second_of_two_requests_finds_nothing_to_lower() -> None:
    """Two people asked; one lowering is enough."""
    keeper = Keeper()
    keeper.raise_to()
    first, second = keeper.request(), keeper.request(GateLevel.REDUCE_ONLY)
    keeper.approve(first.request_id)
    assert keeper.approve(second.request_id).code == "NOTHING_TO_LOWER"
    assert keeper.level() is Level.OPEN


@pytest.mark.parametrize(
    "scope",
    ["all", "session:demo", "account:paper", "venue:XNAS", "strategy:demo/ema", "symbol:AAPL"],
)
def test_no_lowering_while_an_order_in_the_scope_is_unknown(scope: str) -> None:
    """It works again once the order has been resolved."""
    keeper = Keeper()
    keeper.raise_to(scope=scope)
    request = keeper.request(scope=scope)
    keeper.tell(unknown_order())
    assert keeper.approve(request.request_id).code == "UNRECONCILED"
    assert keeper.level(scope) is Level.HALTED
    keeper.tell(unknown_order(OrderState.CANCELLED))
    assert keeper.approve(request.request_id).accepted


def test_an_unknown_order_elsewhere_does_not_keep_a_scope_shut() -> None:
    """Session other has nothing to do with session demo's order."""
    keeper = Keeper()
    keeper.raise_to(scope="session:other")
    keeper.tell(unknown_order())
    request = keeper.request(scope="session:other")
    assert keeper.approve(request.request_id).accepted


def test_a_latch_is_folded_in_once() -> None:
    """It raises its scope under a new epoch and names itself; a second copy does nothing."""
    keeper = Keeper()
    keeper.tell(latch())
    event = keeper.events[-1]
    assert (event.action, event.level, event.gate_epoch) == (
        GateAction.LATCH_FOLDED,
        GateLevel.HALTED,
        1,
    )
    assert event.latches == ("l1",)
    keeper.tell(latch())
    assert len(keeper.events) == 1


def test_a_lowering_names_the_latches_that_it_ends() -> None:
    """And a late copy of an ended latch does not raise again."""
    keeper = Keeper()
    keeper.tell(latch())
    request = keeper.request(scope="session:demo")
    keeper.approve(request.request_id)
    assert keeper.events[-1].latches == ("l1",)
    keeper.tell(latch())
    assert keeper.level("session:demo") is Level.OPEN


def test_a_lowering_leaves_the_latches_that_it_does_not_go_below() -> None:
    """Lowering to REDUCE_ONLY ends no latch of REDUCE_ONLY."""
    keeper = Keeper()
    keeper.tell(latch(level=GateLevel.REDUCE_ONLY))
    keeper.raise_to(scope="session:demo")
    request = keeper.request(GateLevel.REDUCE_ONLY, "session:demo")
    keeper.approve(request.request_id)
    assert keeper.events[-1].latches == ()


def test_a_repeated_call_gets_the_same_answer_and_no_second_effect() -> None:
    """The host may ask again after a crash."""
    keeper = Keeper()
    call = Called("again", RaiseGate(scope="all", level=GateLevel.HALTED, principal="operator"))
    keeper.tell(call)
    first = keeper.effects[-1]
    keeper.tell(call)
    assert keeper.effects == [first]
    assert len(keeper.events) == 1


def test_a_new_term_changes_nothing() -> None:
    """The gate is the fold of its events, whoever leads."""
    keeper = Keeper()
    keeper.tell(TermStarted(3))
    assert keeper.effects == []


commands = st.lists(
    st.one_of(
        st.tuples(
            st.just("raise"),
            st.sampled_from(["all", "session:demo"]),
            st.sampled_from(list(GateLevel)),
        ),
        st.tuples(
            st.just("lower"),
            st.sampled_from(["all", "session:demo"]),
            st.sampled_from(list(GateLevel)),
            st.sampled_from([None, None, None, -1, 0, 1, 2, 3, 9]),
        ),
        st.tuples(st.just("approve"), st.integers(1, 5), st.sampled_from(["operator", "approver"])),
        st.tuples(st.just("latch")),
        st.tuples(st.just("unknown"), st.booleans()),
        st.tuples(st.just("reconciled"), st.integers(1, 3), st.booleans()),
        st.tuples(st.just("restart")),
    ),
    max_size=30,
)


@given(commands)
def test_the_gate_is_the_fold_of_its_events(history: list[tuple[object, ...]]) -> None:
    """Everybody who folds them knows the machine's own view, after restarts too.

    A level only ever falls in an event that names two different principals, and epochs grow.
    """
    keeper = Keeper()
    for step in history:
        _play(keeper, step)
    view = GateView()
    for event in keeper.events:
        before = (view.level_of(event.scope), view.epoch)
        view.apply(event)
        if view.level_of(event.scope) < before[0]:
            assert event.approver
            assert event.approver != event.principal
        if event.action in (GateAction.RAISED, GateAction.LATCH_FOLDED):
            assert view.epoch == before[1] + 1
    assert view == keeper.machine.state.view


@given(commands)
def test_no_lowering_ends_a_raise_that_its_author_has_not_seen(
    history: list[tuple[object, ...]],
) -> None:
    """Of each lowering, its scope's newest raise is at most at the epoch that its request names."""
    keeper = Keeper()
    seen: dict[str, int] = {}
    raised: dict[str, int] = {}
    for step in history:
        said = len(keeper.events)
        shown = {"all": 0, "session:demo": 0, **keeper.machine.state.view.raise_epochs}
        _play(keeper, step)
        for event in keeper.events[said:]:
            if event.action in (GateAction.RAISED, GateAction.LATCH_FOLDED):
                raised[event.scope] = event.gate_epoch
            elif event.action == GateAction.LOWERING_REQUESTED:
                named = step[3]
                seen[event.request_id] = named if isinstance(named, int) else shown[event.scope]
            elif event.action == GateAction.LOWERED:
                assert raised[event.scope] <= seen[event.request_id]


def _play(keeper: Keeper, step: tuple[object, ...]) -> None:
    match step:
        case ("raise", str(scope), GateLevel() as level):
            keeper.raise_to(level, scope)
        case ("lower", str(scope), GateLevel() as level, int() | None as seen):
            keeper.request(level, scope, seen_epoch=seen)
        case ("approve", int(index), str(principal)):
            keeper.approve(f"lowering-{index}", principal)
        case ("latch",):
            keeper.tell(latch())
        case ("unknown", bool(unknown)):
            keeper.tell(unknown_order(OrderState.UNKNOWN if unknown else OrderState.FILLED))
        case ("reconciled", int(term), bool(agrees)):
            keeper.tell(reconciliation(term, reconciled=agrees))
        case ("restart",):
            machine = keeper.machine
            keeper.machine = GateMachine.restore(machine.parameters, machine.snapshot())
