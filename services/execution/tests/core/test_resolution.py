"""What is sent again, and when it no longer is."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest

from tidegate_contracts.execution import (
    CancelOrder,
    OrderState,
    QueryAccount,
    QueryOrder,
    ReplaceOrder,
    SubmitOrder,
    VenueOrder,
)
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.core.parameters import VenueModel
from tidegate_execution.testing import (
    DAY_0_NS,
    bar,
    execution_parameters,
    instrument,
    requested,
    venue_parameters,
    verdict,
)
from tidegate_kernel.machine import Answer, Called, Interrupted, Replied, TermStarted, TimerFired
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_kernel.machine import Effect

NOW_NS = DAY_0_NS + NS_PER_DAY
LIFE_NS = 2 * NS_PER_SECOND
WATCHING = VenueModel(
    ids_unique_for_ever=True,
    not_found_conclusive_after_ns=60 * NS_PER_SECOND,
    watched_for_ns=3_600 * NS_PER_SECOND,
)
# What is sent too long ago is refused, so that nothing arrives after the minute.
PROVING = VenueModel(ids_unique_for_ever=False, not_found_conclusive_after_ns=60 * NS_PER_SECOND)


def _interrupted(
    *, session_clock_is_wall: bool, restarted: bool, life_ns: int = LIFE_NS, limit: str = ""
) -> tuple[ExecutionMachine, str]:
    """Return a machine that has sent an order and asks what became of it, and the order's id."""
    parameters = execution_parameters(lockstep=False, session_clock_is_wall=session_clock_is_wall)
    machine = ExecutionMachine.restore(parameters, None)
    for event in (TermStarted(1), instrument(), bar(0, (100, 101, 99, 100))):
        _reconcile(machine, machine.handle(event, NOW_NS))
    order = verdict(NOW_NS, limit_price=Decimal(limit)) if limit else verdict(NOW_NS)
    approval = msgspec.structs.replace(order, expires_at_ns=NOW_NS + life_ns)
    (request,) = requested(machine.handle(approval, NOW_NS), SubmitOrder)
    assert isinstance(request, SubmitOrder)
    if restarted:
        machine = ExecutionMachine.restore(parameters, machine.snapshot())
        machine.handle(TermStarted(2), NOW_NS)
    effects = machine.handle(Interrupted("venue", request), NOW_NS + 1)
    assert len(requested(effects, QueryOrder)) == 1
    return machine, request.specification.client_order_id


def _reconcile(machine: ExecutionMachine, effects: Iterable[Effect]) -> None:
    """Answer every question for the account with an empty one."""
    for question in requested(effects, QueryAccount):
        venue = PaperVenueMachine.restore(venue_parameters(), None)
        (answer,) = venue.handle(Called("c", question), NOW_NS)
        assert isinstance(answer, Answer)
        machine.handle(Replied("venue", question, answer.body), NOW_NS)


def _found(machine: ExecutionMachine, identity: str, state: OrderState, now_ns: int) -> list[str]:
    """Answer the question for an order; return the codes under which a cancel is asked for."""
    question = QueryOrder(session="demo", client_order_id=identity, venue="XNAS", symbol="AAPL")
    known = state is not OrderState.UNSPECIFIED
    answer = VenueOrder(
        client_order_id=identity, found=known, venue_order_id="v" if known else "", state=state
    )
    effects = machine.handle(Replied("venue", question, answer), now_ns)
    cancelled = requested(effects, CancelOrder)
    return [each.client_order_id for each in cancelled if isinstance(each, CancelOrder)]


def test_an_entry_that_appears_late_is_cancelled_at_once() -> None:
    """I04: a leader that slept has sent it; nobody allows it any more."""
    after_ns = NOW_NS + LIFE_NS + 1
    for missed_ns, found_ns, expected in (
        (after_ns, after_ns + 1, True),
        (None, after_ns + 1, False),
    ):
        machine, identity = _interrupted(session_clock_is_wall=True, restarted=False)
        machine.parameters = msgspec.structs.replace(machine.parameters, venue_model=WATCHING)
        if missed_ns is not None:
            assert _found(machine, identity, OrderState.UNSPECIFIED, missed_ns) == []
        late = _found(machine, identity, OrderState.WORKING, found_ns)
        assert late == ([identity] if expected else [])


def _expects_a_question(machine: ExecutionMachine, identity: str, now_ns: int) -> bool:
    """Tell whether the order's timer asks the venue about it."""
    effects = machine.handle(TimerFired(f"order:{identity}", now_ns), now_ns)
    return any(
        isinstance(each, QueryOrder) and each.client_order_id == identity
        for each in requested(effects, QueryOrder)
    )


def test_what_was_given_up_is_watched_for_an_hour() -> None:
    """Where nothing carries a time, it ends after a minute, and may appear until the hour is over.

    A sleeper's entry that appears is cancelled at once, although the order has ended.
    """
    machine, identity = _interrupted(session_clock_is_wall=True, restarted=False)
    machine.parameters = msgspec.structs.replace(machine.parameters, venue_model=WATCHING)
    minute_ns = 60 * NS_PER_SECOND
    assert _found(machine, identity, OrderState.UNSPECIFIED, NOW_NS + minute_ns - 1) == []
    assert machine.restore(machine.parameters, machine.snapshot()).snapshot() == machine.snapshot()
    assert _found(machine, identity, OrderState.UNSPECIFIED, NOW_NS + minute_ns) == []
    assert _known(machine, identity) == [OrderState.EXPIRED]
    assert _expects_a_question(machine, identity, NOW_NS + 10 * minute_ns)
    assert _found(machine, identity, OrderState.UNSPECIFIED, NOW_NS + 10 * minute_ns) == []
    assert not _expects_a_question(machine, identity, NOW_NS + 60 * minute_ns)
    assert _found(machine, identity, OrderState.WORKING, NOW_NS + 59 * minute_ns) == [identity]
    assert not _expects_a_question(machine, identity, NOW_NS + 59 * minute_ns)


@pytest.mark.parametrize(("model", "leaves"), [(WATCHING, 0), (PROVING, 1)])
def test_a_replacement_leaves_only_when_what_it_replaces_can_never_arrive(
    model: VenueModel, leaves: int
) -> None:
    """I02: given up without a proof, the old order may still fill beside the new one."""
    machine, identity = _interrupted(
        session_clock_is_wall=True, restarted=False, life_ns=NS_PER_DAY, limit="90"
    )
    machine.parameters = msgspec.structs.replace(machine.parameters, venue_model=model)
    command = ReplaceOrder(
        session="demo",
        client_order_id=identity,
        limit_price=Decimal(89),
        principal="operator",
        reason="why not",
    )
    machine.handle(Called("replace", command), NOW_NS + 2)
    question = QueryOrder(session="demo", client_order_id=identity, venue="XNAS", symbol="AAPL")
    nothing = Replied("venue", question, VenueOrder(client_order_id=identity, found=False))
    effects = machine.handle(nothing, NOW_NS + 60 * NS_PER_SECOND)
    assert _known(machine, identity) == [OrderState.EXPIRED]
    assert len(requested(effects, SubmitOrder)) == leaves


def _known(machine: ExecutionMachine, identity: str) -> list[OrderState]:
    """Return the state that the machine itself tells of an order."""
    question = QueryOrder(session="demo", client_order_id=identity, venue="XNAS", symbol="AAPL")
    effects = machine.handle(Called("known", question), NOW_NS)
    answers = [each.body for each in effects if isinstance(each, Answer)]
    return [each.state for each in answers if isinstance(each, VenueOrder)]


def _sent_again(machine: ExecutionMachine, identity: str, now_ns: int) -> int:
    question = QueryOrder(session="demo", client_order_id=identity, venue="XNAS", symbol="AAPL")
    nothing = VenueOrder(client_order_id=identity, found=False)
    return len(requested(machine.handle(Replied("venue", question, nothing), now_ns), SubmitOrder))


@pytest.mark.parametrize("session_clock_is_wall", [False, True])
def test_what_never_arrived_is_sent_again_until_its_verdict_expires(
    session_clock_is_wall: bool,  # noqa: FBT001
) -> None:
    """I04: at the last nanosecond of the verdict's life, and not after it."""
    for late_ns, expected in ((0, 1), (1, 0)):
        machine, identity = _interrupted(
            session_clock_is_wall=session_clock_is_wall, restarted=False
        )
        assert _sent_again(machine, identity, NOW_NS + LIFE_NS + late_ns) == expected


def test_a_replay_sends_nothing_again_that_an_earlier_life_has_sent() -> None:
    """I04: its session time stood still meanwhile, so the verdict may have expired long ago."""
    machine, identity = _interrupted(session_clock_is_wall=False, restarted=True)
    assert _sent_again(machine, identity, NOW_NS + 2) == 0


def test_on_the_walls_own_time_a_restart_ends_no_verdict() -> None:
    """The wall's clock has gone on, so the expiry itself can be asked."""
    machine, identity = _interrupted(session_clock_is_wall=True, restarted=True)
    assert _sent_again(machine, identity, NOW_NS + 2) == 1
