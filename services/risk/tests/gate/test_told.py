"""What the gate says of everything that happens to it: each field of each event and answer."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tidegate_contracts.execution import OrderEvent, OrderSpecification, OrderState
from tidegate_contracts.risk import (
    ApproveLowering,
    BreakerEvent,
    BreakerState,
    GateAction,
    GateAnswer,
    GateEvent,
    GateLatch,
    GateLevel,
    RaiseGate,
    RequestLowering,
)
from tidegate_kernel.machine import CauseMissing, TimerFired
from tidegate_risk.core.gate.machine import GateMachine
from tidegate_risk.testing import ACCOUNT, SESSION, VALID_NS, Keeper, reconciliation

SCOPE = f"session:{SESSION}"
NOW_NS = 1_000
UNTIL_NS = NOW_NS + VALID_NS
REQUESTED = GateEvent(
    action=GateAction.LOWERING_REQUESTED,
    scope=SCOPE,
    level=GateLevel.HALTED,
    gate_epoch=1,
    at_ns=NOW_NS,
    principal="operator",
    reason="over",
    request_id="lowering-1",
    request_expires_at_ns=UNTIL_NS,
    requested_level=GateLevel.REDUCE_ONLY,
)


def raised() -> Keeper:
    """Return a gate whose session was raised to HALTED."""
    keeper = Keeper()
    keeper.raise_to(GateLevel.HALTED, SCOPE)
    return keeper


def last(keeper: Keeper) -> GateEvent:
    """Return what was said last."""
    return keeper.events[-1]


def tripped(**changes: Any) -> BreakerEvent:  # noqa: ANN401 - any field
    """Return a trip of the day's loss."""
    usual = BreakerEvent(
        session=SESSION,
        account=ACCOUNT,
        breaker="daily_loss",
        scope=SCOPE,
        state=BreakerState.TRIPPED,
        level=GateLevel.REDUCE_ONLY,
        trip=1,
        reason="too much",
    )
    return msgspec.structs.replace(usual, **changes)


def test_a_raise() -> None:
    """Without a reason it says so."""
    keeper = Keeper()
    answer = keeper.call(RaiseGate(scope=SCOPE, level=GateLevel.HALTED, principal="operator"))
    assert answer == GateAnswer(accepted=True, scope=SCOPE, level=GateLevel.HALTED, gate_epoch=1)
    assert last(keeper) == GateEvent(
        action=GateAction.RAISED,
        scope=SCOPE,
        level=GateLevel.HALTED,
        gate_epoch=1,
        at_ns=NOW_NS,
        principal="operator",
        reason="no reason given",
    )


def test_a_request_and_its_end() -> None:
    """Whoever asked has ten minutes; when they are over it is said once more, at that time."""
    keeper = raised()
    answer = keeper.request(GateLevel.REDUCE_ONLY, SCOPE)
    assert answer == GateAnswer(
        accepted=True,
        scope=SCOPE,
        level=GateLevel.HALTED,
        gate_epoch=1,
        request_id="lowering-1",
        request_expires_at_ns=UNTIL_NS,
    )
    assert last(keeper) == REQUESTED
    keeper.now_ns = UNTIL_NS
    keeper.tell(TimerFired("lowering-1", UNTIL_NS))
    assert last(keeper) == msgspec.structs.replace(
        REQUESTED, action=GateAction.REQUEST_EXPIRED, at_ns=UNTIL_NS
    )
    assert keeper.request(GateLevel.OPEN, SCOPE).request_id == "lowering-2"


def test_an_approval() -> None:
    """Who asked, who approved, and which request; the answer names the level that is left."""
    keeper = raised()
    keeper.request(GateLevel.REDUCE_ONLY, SCOPE)
    keeper.now_ns = NOW_NS + 5
    answer = keeper.approve("lowering-1")
    assert answer == GateAnswer(
        accepted=True,
        scope=SCOPE,
        level=GateLevel.REDUCE_ONLY,
        gate_epoch=1,
        request_id="lowering-1",
    )
    assert last(keeper) == msgspec.structs.replace(
        REQUESTED,
        action=GateAction.LOWERED,
        level=GateLevel.REDUCE_ONLY,
        at_ns=NOW_NS + 5,
        approver="approver",
    )


def test_what_was_never_raised_may_be_asked_for_and_approved() -> None:
    """A request that is older than any raise of its scope; a raise after it ends it."""
    keeper = Keeper()
    keeper.raise_to(GateLevel.HALTED, "symbol:AAPL")
    keeper.request(GateLevel.OPEN, "symbol:AAPL")
    keeper.raise_to(GateLevel.HALTED, "symbol:AAPL")
    answer = keeper.approve("lowering-1")
    assert (answer.code, answer.scope, answer.level) == (
        "RAISED_SINCE",
        "symbol:AAPL",
        GateLevel.HALTED,
    )


@pytest.mark.parametrize(
    ("command", "scope", "level"),
    [
        (RaiseGate(scope=SCOPE), SCOPE, GateLevel.HALTED),
        (RaiseGate(scope="symbol:MSFT"), "symbol:MSFT", GateLevel.UNSPECIFIED),
        (RequestLowering(scope=SCOPE, reason="x"), SCOPE, GateLevel.HALTED),
        (ApproveLowering(request_id="lowering-9", principal="x"), "", GateLevel.UNSPECIFIED),
        (ApproveLowering(request_id="lowering-1", principal="operator"), SCOPE, GateLevel.HALTED),
    ],
    ids=str,
)
def test_a_refusal(command: Any, scope: str, level: GateLevel) -> None:  # noqa: ANN401 - commands
    """It names the scope, and its level where it has one."""
    keeper = raised()
    keeper.request(GateLevel.OPEN, SCOPE)
    answer = keeper.call(command)
    assert answer.code
    assert msgspec.structs.replace(answer, code="", message="") == GateAnswer(
        accepted=False, scope=scope, level=level, gate_epoch=1
    )


def test_refusals_in_words() -> None:
    """What was expected, what came, and what to do."""
    keeper = raised()
    said = [
        keeper.approve("lowering-9"),
        keeper.request(GateLevel.HALTED, SCOPE),
        keeper.approve(keeper.request(GateLevel.OPEN, SCOPE).request_id, "operator"),
    ]
    keeper.tell(reconciliation(1, reconciled=False))
    keeper.tell(reconciliation(1, "other"))
    said += [keeper.approve("lowering-1")]
    keeper.raise_to(GateLevel.LOCKED, SCOPE)
    said += [keeper.approve("lowering-1")]
    request = keeper.request(GateLevel.OPEN, SCOPE).request_id
    said += [keeper.approve(request)]
    said += [keeper.request(GateLevel.OPEN, SCOPE, seen_epoch=epoch) for epoch in (0, -1, 3, 1)]
    assert [f"{each.code}: {each.message}" for each in said] == WORDS


WORDS = [
    (
        "REQUEST_UNKNOWN: expected the id of a pending request, found 'lowering-9'; it may "
        "have expired or been carried out: file a new one"
    ),
    (
        "NOTHING_TO_LOWER: expected a level below the one in force in session:demo, HALTED, "
        "found HALTED; another scope may hold the order: list them all"
    ),
    (
        "SAME_PRINCIPAL: expected another principal than operator, who filed the request, "
        "found the same; a second person must approve it"
    ),
    (
        "UNRECONCILED: expected every account in session:demo to be reconciled, found session"
        " demo not to be; wait until execution has reconciled it and approve again. It says: "
        "HOLDINGS_DIFFER: AAPL: expected 1, found 2; MSFT"
    ),
    (
        "RAISED_SINCE: expected no raise of session:demo after epoch 1, which was seen, found one "
        "at epoch 2; look at who raised it and why, and file a new request if it may be lowered too"
    ),
    (
        "NOT_RESTARTED: expected execution to have been restarted since session:demo was "
        "LOCKED, found no newer term of session demo; restart execution, wait until it is "
        "reconciled and approve again"
    ),
    (
        "EPOCH_MISSING: expected the epoch at which session:demo was seen, found none; look at the "
        "gate and give the scope's epoch there: nobody lowers what they have not seen"
    ),
    (
        "EPOCH_MISSING: expected the epoch at which session:demo was seen, found -1; look at the "
        "gate and give the scope's epoch there: nobody lowers what they have not seen"
    ),
    (
        "EPOCH_UNKNOWN: expected an epoch up to the gate's newest, 2, found 3; look at the gate "
        "and give the scope's epoch there"
    ),
    (
        "RAISED_SINCE: expected no raise of session:demo after epoch 1, which was seen, found one "
        "at epoch 2; look at who raised it and why, and file a new request if it may be lowered too"
    ),
]


@pytest.mark.parametrize("reason", ["risk was away", ""])
def test_a_latch(reason: str) -> None:
    """Folded in by its own principal and reason, never softer than the gate already is."""
    keeper = raised()
    latch = GateLatch(
        latch_id="l1",
        session=SESSION,
        scope=SCOPE,
        level=GateLevel.REDUCE_ONLY,
        principal="watchman",
        reason=reason,
        at_ns=900,
    )
    keeper.tell(latch)
    assert last(keeper) == GateEvent(
        action=GateAction.LATCH_FOLDED,
        scope=SCOPE,
        level=GateLevel.HALTED,
        gate_epoch=2,
        at_ns=NOW_NS,
        principal="watchman",
        reason=reason or "no reason given",
        latches=("l1",),
    )


def test_a_breaker_and_its_lowering_by_policy() -> None:
    """In lockstep its own recovery lowers what it raised, under the same epoch."""
    keeper = Keeper()
    keeper.tell(tripped(lockstep=True))
    by_breaker = GateEvent(
        action=GateAction.RAISED,
        scope=SCOPE,
        level=GateLevel.REDUCE_ONLY,
        gate_epoch=1,
        at_ns=NOW_NS,
        principal="breaker:daily_loss",
        reason="too much",
        breaker_session=SESSION,
    )
    assert last(keeper) == by_breaker
    keeper.now_ns += 7
    keeper.tell(
        tripped(
            lockstep=True,
            state=BreakerState.RECOVERING,
            level=GateLevel.OPEN,
            principal="policy:next_day",
        )
    )
    assert last(keeper) == msgspec.structs.replace(
        by_breaker,
        action=GateAction.LOWERED,
        level=GateLevel.OPEN,
        at_ns=NOW_NS + 7,
        principal="policy:next_day",
    )


def test_news_of_a_breaker_that_never_raised_lowers_nothing() -> None:
    """A recovery whose trip was not heard of is no reason to open."""
    keeper = Keeper()
    keeper.tell(tripped(lockstep=True, trip=1))
    heard = len(keeper.events)
    recovering = tripped(
        lockstep=True, breaker="drawdown", state=BreakerState.RECOVERING, level=GateLevel.OPEN
    )
    keeper.tell(recovering)
    assert len(keeper.events) == heard
    assert keeper.level(SCOPE).name == "REDUCE_ONLY"


def test_an_input_whose_cause_is_missing_is_taken_at_its_time() -> None:
    """The gate depends on no cause: a trip that comes early raises at once."""
    keeper = Keeper()
    keeper.tell(CauseMissing(tripped(), ()))
    assert (last(keeper).action, last(keeper).at_ns) == (GateAction.RAISED, NOW_NS)


def test_each_unknown_order_is_remembered_by_itself() -> None:
    """Two of them keep the scope shut until both are known; their account is heard of."""
    keeper = raised()
    request = keeper.request(GateLevel.OPEN, SCOPE).request_id

    def report(order: str, state: OrderState) -> None:
        specification = OrderSpecification(client_order_id=order, venue="XNAS", symbol="AAPL")
        keeper.tell(
            OrderEvent(session=SESSION, account="real", specification=specification, state=state)
        )

    for order in ("o1", "o2"):
        report(order, OrderState.UNKNOWN)
    assert keeper.machine.state.sessions[SESSION].account == "real"
    keeper.tell(msgspec.structs.replace(reconciliation(1), account="real"))
    report("o1", OrderState.CANCELLED)
    assert keeper.approve(request).code == "UNRECONCILED"
    report("o2", OrderState.CANCELLED)
    assert keeper.approve(request).accepted
    restored = GateMachine.restore(keeper.machine.parameters, keeper.machine.snapshot())
    assert restored.state == keeper.machine.state
