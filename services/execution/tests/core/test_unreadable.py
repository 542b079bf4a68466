"""An open order of which the venue's words cannot be read: it alone is in doubt."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tidegate_contracts.execution import (
    OrderState,
    QueryAccount,
    QueryOrder,
    VenueAccount,
    VenueExecution,
    VenueOrder,
)
from tidegate_contracts.risk import GateLatch, GateLevel
from tidegate_execution.core.orders.order import Order
from tidegate_execution.core.readiness import why_not_ready
from tidegate_execution.core.turn import Turn
from tidegate_execution.testing import (
    DAY_0_NS,
    SessionRig,
    bar,
    execution_parameters,
    instrument,
    published,
    requested,
    verdict,
)
from tidegate_kernel.gate import Level
from tidegate_kernel.machine import Replied
from tidegate_kernel.time import NS_PER_DAY

NOW_NS = DAY_0_NS + NS_PER_DAY
QUESTION = QueryAccount(session="demo")


@pytest.fixture
def rig() -> SessionRig:
    """Return a reconciled session with two resting orders."""
    made = SessionRig(parameters=execution_parameters(lockstep=False))
    made.instant(NOW_NS, [instrument(), bar(0, (100, 101, 99, 100))])
    for ordinal in (1, 2):
        made.instant(NOW_NS, [verdict(NOW_NS, ordinal=ordinal, limit_price=Decimal(90))])
    made.instant(NOW_NS + 31 * 10**9)
    assert made.execution._state.reconciliation.reconciled
    return made


def orders(rig: SessionRig) -> list[Order]:
    """Return the open orders, oldest first."""
    return list(rig.execution._state.orders.values())


def unreadable(name: str) -> VenueOrder:
    """Return what an adapter says of an open order that it cannot read."""
    return VenueOrder(client_order_id=name, found=True, state=OrderState.UNKNOWN)


def listed(rig: SessionRig, *names: str) -> list[str]:
    """Let the venue list these as unreadable and no others; return who is asked about."""
    account = VenueAccount(session="demo", open_orders=tuple(map(unreadable, names)))
    effects = rig.execution.handle(Replied("venue", QUESTION, account), NOW_NS + 32 * 10**9)
    asked = requested(effects, QueryOrder)
    return [each.client_order_id for each in asked]  # type: ignore[attr-defined]


def test_ours_becomes_unknown_and_every_other_is_resolved(rig: SessionRig) -> None:
    """Both are asked about: the one that cannot be read, and the one that is not listed."""
    doubtful, other = orders(rig)
    asked = listed(rig, doubtful.client_order_id)
    assert asked == [doubtful.client_order_id, other.client_order_id]
    assert (doubtful.state, other.state) == (OrderState.UNKNOWN, OrderState.WORKING)
    assert rig.execution.confirmation().level == Level.OPEN
    turn = Turn(rig.execution.parameters, rig.execution._state, NOW_NS)
    assert doubtful.client_order_id in why_not_ready(turn), "no entry leaves meanwhile"
    found = VenueOrder(
        client_order_id=other.client_order_id,
        found=True,
        state=OrderState.FILLED,
        filled_quantity=Decimal(10),
        executions=(VenueExecution(execution_id="x", quantity=Decimal(10), price=Decimal(90)),),
    )
    question = QueryOrder(session="demo", client_order_id=other.client_order_id)
    rig.execution.handle(Replied("venue", question, found), NOW_NS + 33 * 10**9)
    assert (doubtful.state, other.state) == (OrderState.UNKNOWN, OrderState.FILLED)


def test_what_can_be_read_again_works_again(rig: SessionRig) -> None:
    """A query that is answered ends the doubt."""
    doubtful, _ = orders(rig)
    listed(rig, doubtful.client_order_id)
    found = VenueOrder(
        client_order_id=doubtful.client_order_id, found=True, state=OrderState.WORKING
    )
    question = QueryOrder(session="demo", client_order_id=doubtful.client_order_id)
    rig.execution.handle(Replied("venue", question, found), NOW_NS + 33 * 10**9)
    assert doubtful.state == OrderState.WORKING


def test_one_that_is_not_ours_halts_the_account_by_its_name(rig: SessionRig) -> None:
    """What nobody here has sent is never left alone because it cannot be read."""
    ours = [each.client_order_id for each in orders(rig)]
    account = VenueAccount(session="demo", open_orders=(unreadable("a-person"),))
    effects = rig.execution.handle(Replied("venue", QUESTION, account), NOW_NS + 32 * 10**9)
    (latch,) = published(effects, GateLatch)
    assert isinstance(latch, GateLatch)
    assert (latch.scope, latch.level) == ("account:demo", GateLevel.HALTED)
    assert "found a-person, of which nothing else can be read" in latch.reason
    assert {each.client_order_id for each in orders(rig)} <= set(ours)
