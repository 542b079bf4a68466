"""Execution and the paper venue together, in rounds."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from tidegate_contracts.execution import (
    OrderEvent,
    OrderState,
    QueryAccount,
    Reconciliation,
    Side,
    SubmitOrder,
    TimeInForce,
    VenueAccount,
)
from tidegate_contracts.risk import GateAnswer, GateLatch, GateLevel, RaiseGate, Verdict
from tidegate_execution.core.state import ExecutionState
from tidegate_execution.testing import (
    DAY_0_NS,
    SessionRig,
    bar,
    execution_parameters,
    instrument,
    lowered,
    published,
    raised,
    requested,
    venue_parameters,
    verdict,
)
from tidegate_kernel.gate import Level
from tidegate_kernel.machine import Body, Called, TermStarted
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND

FLAT = (100, 101, 99, 100)


def at(day: int) -> int:
    """Return the instant at which the bar of a day is known."""
    return DAY_0_NS + (day + 1) * NS_PER_DAY


@pytest.fixture
def rig() -> SessionRig:
    """A session with one stock that has closed one bar at 100."""
    made = SessionRig()
    made.instant(at(0), [instrument(), bar(0, FLAT)])
    return made


def test_market_order_fills_at_the_open_of_the_next_bar(rig: SessionRig) -> None:
    """A market order fills at the next bar's open, at that bar's start."""
    rig.instant(at(0), [verdict(at(0))])
    assert rig.states() == ["PENDING", "SUBMITTING", "WORKING"]
    rig.instant(at(1), [bar(1, (105, 106, 104, 105))])
    assert rig.states()[3:] == ["FILLED"]
    assert [(f.price, f.quantity, f.event_at_ns) for f in rig.fills] == [
        (Decimal(105), Decimal(10), at(0))
    ]


def test_verdict_that_comes_twice_makes_one_order(rig: SessionRig) -> None:
    """I02: a second copy of a verdict changes nothing."""
    rig.instant(at(0), [verdict(at(0)), verdict(at(0))])
    rig.instant(at(0), [verdict(at(0))])
    assert rig.states() == ["PENDING", "SUBMITTING", "WORKING"]


def test_second_opinion_on_a_signal_halts_the_account(rig: SessionRig) -> None:
    """I02: two different verdicts on one signal latch HALTED."""
    rig.instant(at(0), [verdict(at(0))])
    rig.instant(at(0), [verdict(at(0), quantity=Decimal(11))])
    latches = [body for body in rig.said if isinstance(body, GateLatch)]
    assert [(latch.scope, latch.level) for latch in latches] == [("account:demo", GateLevel.HALTED)]
    assert rig.states()[-1] == "CANCELLED"


def test_exit_waits_for_the_cancel_of_the_entry_and_closes_what_is_held(rig: SessionRig) -> None:
    """A reduce-only verdict cancels the entry, then closes the whole holding."""
    rig.instant(at(0), [verdict(at(0))])
    rig.instant(at(1), [bar(1, FLAT), verdict(at(1), limit_price=Decimal(90))])
    exit_verdict = verdict(at(2), side=Side.SELL, reduce_only=True, quantity=Decimal(3))
    rig.instant(at(2), [bar(2, FLAT), exit_verdict])
    last = [(e.state.name, int(e.specification.quantity)) for e in rig.order_events[-4:]]
    assert last == [("PENDING", 3), ("CANCELLED", 10), ("SUBMITTING", 10), ("WORKING", 10)]
    rig.instant(at(3), [bar(3, FLAT)])
    assert rig.fills[-1].side == Side.SELL
    assert rig.fills[-1].quantity == 10


def test_exit_without_a_holding_only_cancels(rig: SessionRig) -> None:
    """With quantity 0 and nothing filled, entries are cancelled and nothing is sent."""
    rig.instant(at(0), [verdict(at(0), limit_price=Decimal(90))])
    rig.instant(at(1), [bar(1, FLAT), _exit(1, quantity=Decimal(0))])
    ends = [(e.state.name, e.reason_code) for e in rig.order_events if e.state.value >= 5]
    assert ends == [("CANCELLED", "REPLACED_BY_CLOSE"), ("CANCELLED", "NOTHING_TO_CLOSE")]


def test_entry_that_fills_while_its_strategy_wants_out_is_closed(rig: SessionRig) -> None:
    """An entry that fills in the exit's own instant is closed, though risk saw no holding."""
    rig.instant(at(0), [verdict(at(0), limit_price=Decimal(100))])
    rig.instant(at(1), [bar(1, (101, 101, 95, 96)), _exit(1, quantity=Decimal(0))])
    rig.instant(at(2), [bar(2, FLAT)])
    assert [(f.side, int(f.quantity)) for f in rig.fills] == [(Side.BUY, 10), (Side.SELL, 10)]


def _exit(day: int, quantity: Decimal = Decimal(10), ordinal: int = 0) -> Verdict:
    return verdict(at(day), ordinal=ordinal, side=Side.SELL, reduce_only=True, quantity=quantity)


def test_kill_cancels_what_rests_and_refuses_what_comes(rig: SessionRig) -> None:
    """I06: after HALTED the venue's book is empty and no order is sent any more."""
    rig.instant(at(0), [verdict(at(0), limit_price=Decimal(90))])
    rig.instant(at(0), [raised(GateLevel.HALTED)])
    confirmation = rig.execution.confirmation()
    assert (confirmation.open_orders, confirmation.confirmed) == (0, True)
    assert rig.states()[-1] == "CANCELLED"
    rig.instant(at(1), [bar(1, FLAT), verdict(at(1))])
    assert rig.order_events[-1].reason_code == "GATE_EPOCH_STALE"


def test_local_latch_stops_is_published_and_answered(rig: SessionRig) -> None:
    """A raise without risk latches, cancels, and is answered; the same call is answered again."""
    rig.instant(at(0), [verdict(at(0), limit_price=Decimal(90))])
    command = RaiseGate(scope="all", level=GateLevel.HALTED, principal="operator", reason="now")
    rig.instant(at(0), [Called("k-1", command)])
    rig.instant(at(0), [Called("k-1", command)])
    latches = [body for body in rig.said if isinstance(body, GateLatch)]
    assert [latch.latch_id for latch in latches] == ["execution/demo:k-1"]
    answer = rig.answers["k-1"]
    assert isinstance(answer, GateAnswer)
    assert answer.accepted
    assert rig.execution.confirmation().latches == ("execution/demo:k-1",)
    assert rig.states()[-1] == "CANCELLED"


def test_only_a_lowering_that_names_a_latch_ends_it(rig: SessionRig) -> None:
    """I07: a lowering without the latch's id leaves the shard shut."""
    command = RaiseGate(scope="all", level=GateLevel.HALTED, principal="operator", reason="now")
    rig.instant(at(0), [Called("k-1", command)])
    rig.instant(at(0), [lowered(GateLevel.OPEN)])
    assert rig.execution.confirmation().level == Level.HALTED
    rig.instant(at(0), [lowered(GateLevel.OPEN, latches=("execution/demo:k-1",))])
    assert rig.execution.confirmation().level == Level.OPEN


def test_locked_outlives_its_lowering_until_a_restart(rig: SessionRig) -> None:
    """LOCKED ends only when it is lowered and the shard has been restarted."""
    rig.instant(at(0), [raised(GateLevel.LOCKED)])
    rig.instant(at(0), [lowered(GateLevel.OPEN)])
    assert rig.execution.confirmation().level == Level.LOCKED
    rig.instant(at(0), [TermStarted(2)])
    assert rig.execution.confirmation().level == Level.OPEN


def test_reduce_only_cancels_entries_and_lets_exits_pass(rig: SessionRig) -> None:
    """Under REDUCE_ONLY a resting entry is cancelled and an exit is sent."""
    rig.instant(at(0), [verdict(at(0))])
    rig.instant(at(1), [bar(1, FLAT), verdict(at(1), limit_price=Decimal(90))])
    rig.instant(at(1), [raised(GateLevel.REDUCE_ONLY)])
    assert rig.states()[-1] == "CANCELLED"
    exit_verdict = msgspec.structs.replace(_exit(2), gate_epoch=1)
    rig.instant(at(2), [bar(2, FLAT), exit_verdict])
    rig.instant(at(3), [bar(3, FLAT)])
    assert rig.fills[-1].side == Side.SELL


def test_strategy_scope_leaves_other_strategies_alone(rig: SessionRig) -> None:
    """A kill of one strategy cancels only its orders."""
    limit = Decimal(90)
    other = verdict(at(0), strategy="other", limit_price=limit)
    rig.instant(at(0), [verdict(at(0), limit_price=limit), other])
    rig.instant(at(0), [raised(GateLevel.HALTED, scope="strategy:demo/ema")])
    ended = [event.strategy for event in rig.order_events if event.state == OrderState.CANCELLED]
    assert ended == ["ema"]
    assert rig.execution.confirmation().open_orders == 1


def test_reconciliation_on_command_answers_with_the_venues_account(rig: SessionRig) -> None:
    """A command to reconcile is answered when the venue has answered."""
    rig.instant(at(0), [Called("c-1", QueryAccount(session="demo"))])
    assert isinstance(rig.answers["c-1"], VenueAccount)
    assert rig.execution.confirmation().reconciled


def test_restarts_in_lockstep_change_nothing() -> None:
    """I13: snapshots, restores and new terms leave all equal but what is said of each term."""
    plain, restarted = SessionRig(), SessionRig(restart_often=True)
    for rig in (plain, restarted):
        rig.instant(at(0), [instrument(), bar(0, FLAT)])
        for day in range(12):
            if rig is restarted:
                before = _without_term(rig)
                rig.instant(at(day), [TermStarted(day + 2)])
                assert _without_term(rig) == before
            orders = [verdict(at(day), limit_price=Decimal(98 + day % 4))]
            if day % 3 == 2:
                orders.append(_exit(day, ordinal=1))
            rig.instant(at(day), orders)
            rig.instant(at(day + 1), [bar(day + 1, (100, 102, 97 + day % 3, 100))])
    assert _without_standing(restarted) == _without_standing(plain)
    assert len(restarted.said) == len(plain.said) + 12
    assert restarted.calls == plain.calls
    assert _without_term(restarted) == _without_term(plain)


def _without_standing(rig: SessionRig) -> list[Body]:
    return [body for body in rig.said if not isinstance(body, Reconciliation)]


def _without_term(rig: SessionRig) -> ExecutionState:
    """Return the state but for what a term leaves in it."""
    state = msgspec.msgpack.decode(rig.execution.snapshot(), type=ExecutionState)
    known = state.reconciliation
    known.term = known.said_term = 0
    known.compared = False
    return state


def test_day_order_lives_through_the_next_daily_bar_and_expires(rig: SessionRig) -> None:
    """With daily bars a DAY order sees one bar."""
    rig.instant(at(0), [verdict(at(0), limit_price=Decimal(90), time_in_force=TimeInForce.DAY)])
    rig.instant(at(3), [bar(3, FLAT)])
    last = rig.order_events[-1]
    assert (last.state, last.event_at_ns) == (OrderState.EXPIRED, at(3))


def test_wall_clock_order_leaves_after_reconciliation_with_a_time_to_be_sent_by() -> None:
    """The first comparison makes the session ready; the request says when it is too late."""
    rig = SessionRig(parameters=execution_parameters(lockstep=False))
    rig.instant(at(0), [TermStarted(1), instrument(), bar(0, FLAT)])
    approved = msgspec.structs.replace(verdict(at(0)), expires_at_ns=at(0) + NS_PER_SECOND)
    request = requested(rig.execution.handle(approved, at(0)), SubmitOrder)[0]
    assert isinstance(request, SubmitOrder)
    assert request.send_by_ns == at(0) + NS_PER_SECOND


def test_wall_clock_session_compares_again_and_again() -> None:
    """Every 30 s the account is compared, whether or not anything happens."""
    rig = SessionRig(parameters=execution_parameters(lockstep=False))
    rig.instant(at(0), [TermStarted(1), instrument()])
    calls = rig.calls
    for number in range(1, 5):
        rig.instant(at(0) + number * 30 * NS_PER_SECOND)
    assert rig.calls == calls + 4


def test_idle_lockstep_session_does_not_compare_again(rig: SessionRig) -> None:
    """Without a change of any order there is nothing to compare, and no round is spent."""
    calls = rig.calls
    for day in range(1, 5):
        rig.instant(at(day), [bar(day, FLAT)])
    assert (rig.calls, rig.timers) == (calls, {})


def test_new_leader_sends_nothing_before_it_has_compared() -> None:
    """After a takeover an entry is refused until the venue has answered."""
    rig = SessionRig(parameters=execution_parameters(lockstep=False))
    rig.instant(at(0), [TermStarted(1), instrument(), bar(0, FLAT)])
    rig.execution.handle(TermStarted(2), at(0))
    refused = published(rig.execution.handle(verdict(at(0)), at(0)), OrderEvent)[0]
    assert isinstance(refused, OrderEvent)
    assert refused.reason_code == "NOT_RECONCILED"


def test_signal_of_a_forgotten_order_is_refused() -> None:
    """I02 holds when memory is bounded: what is too old to be known is not sent."""
    rig = SessionRig(parameters=execution_parameters(closed_orders_kept=2))
    rig.instant(at(0), [instrument(), bar(0, FLAT)])
    for day in range(5):
        rig.instant(at(day), [verdict(at(day))])
        rig.instant(at(day + 1), [bar(day + 1, FLAT)])
    rig.instant(at(6), [verdict(at(0))])
    assert rig.order_events[-1].reason_code == "DUPLICATE_ORDER"
    assert len(rig.fills) == 5


def test_wall_clock_order_waits_for_the_first_reconciliation() -> None:
    """No risk-increasing order leaves before the account has been compared."""
    rig = SessionRig(parameters=execution_parameters(lockstep=False))
    execution = rig.execution
    execution.handle(instrument(), at(0))
    execution.handle(bar(0, FLAT), at(0))
    execution.handle(verdict(at(0)), at(0))
    order = next(iter(execution._state.closed.values()))
    assert order.state == OrderState.REJECTED


def test_venue_refusal_ends_the_order_with_the_venues_code() -> None:
    """A provable refusal of the venue is REJECTED with its code."""
    rig = SessionRig(venue_settings=venue_parameters(cash=Decimal(10)))
    rig.instant(at(0), [instrument(), bar(0, FLAT), verdict(at(0))])
    rig.instant(at(0), [verdict(at(0), ordinal=1)])
    assert {e.reason_code for e in rig.order_events if e.state == OrderState.REJECTED} == {
        "INSUFFICIENT_CASH"
    }
