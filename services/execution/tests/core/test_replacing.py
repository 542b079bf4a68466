"""Cancels and replacements by hand: never two orders open, never more than was approved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_contracts.execution import (
    CancelOrder,
    OrderCommandAnswer,
    OrderState,
    OrderType,
    ReplaceOrder,
    Side,
)
from tidegate_contracts.market import OpenInterval
from tidegate_contracts.risk import GateLevel
from tidegate_execution.testing import (
    DAY_0_NS,
    SESSION,
    SessionRig,
    bar,
    execution_parameters,
    instrument,
    lowered,
    raised,
    verdict,
)
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.machine import Called
from tidegate_kernel.time import NS_PER_DAY

SALE: dict[str, Any] = {"side": Side.SELL, "limit_price": Decimal(110)}
FLAT = (100, 101, 99, 100)


def at(day: int) -> int:
    """Return the instant at which the bar of a day is known."""
    return DAY_0_NS + (day + 1) * NS_PER_DAY


def resting(*, restart_often: bool = False, **order: Any) -> SessionRig:  # noqa: ANN401
    """Return a session with an order for 10 that rests at 90, or another."""
    rig = SessionRig(restart_often=restart_often)
    rig.instant(at(0), [instrument(shortable=True), bar(0, FLAT)])
    rig.instant(at(0), [verdict(at(0), **{"limit_price": Decimal(90), **order})])
    return rig


def newest(rig: SessionRig) -> str:
    """Return the id of the order that changed last."""
    return rig.order_events[-1].specification.client_order_id


def replace(
    rig: SessionRig,
    identity: str = "",
    call: str = "c",
    **terms: Any,  # noqa: ANN401
) -> OrderCommandAnswer:
    """Have a person replace an order."""
    command = ReplaceOrder(
        session=SESSION,
        client_order_id=identity or newest(rig),
        principal="operator",
        reason="why not",
        **terms,
    )
    rig.instant(at(0), [Called(call, command)])
    answer = rig.answers[call]
    assert isinstance(answer, OrderCommandAnswer)
    return answer


def cancel(rig: SessionRig, identity: str = "") -> OrderCommandAnswer:
    """Have a person cancel an order."""
    identity = identity or newest(rig)
    command = CancelOrder(
        session=SESSION, client_order_id=identity, principal="operator", reason="why not"
    )
    rig.instant(at(0), [Called(f"cancel-{identity}", command)])
    answer = rig.answers[f"cancel-{identity}"]
    assert isinstance(answer, OrderCommandAnswer)
    return answer


def open_at_venue(rig: SessionRig) -> list[tuple[int, int | None]]:
    """Return quantity and limit of what is open at the venue."""
    return [
        (int(order.resting.remaining), int(order.resting.specification.limit_price or 0))
        for order in rig.venue.book.orders.values()
        if order.is_open
    ]


@pytest.mark.parametrize("restart_often", [False, True])
def test_what_is_left_is_placed_after_the_old_order_has_ended(*, restart_often: bool) -> None:
    """PENDING while the old one is cancelled, under the signal's next leg."""
    rig = resting(restart_often=restart_often)
    old = newest(rig)
    answer = replace(rig, limit_price=Decimal(88))
    following = client_order_id(rig.order_events[0].signal_key, 1)
    assert (answer.accepted, answer.following_client_order_id) == (True, following)
    assert open_at_venue(rig) == [(10, 88)]
    told = [(e.specification.client_order_id == old, e.state.name) for e in rig.order_events[3:]]
    assert told == [
        (False, "PENDING"),
        (True, "CANCELLED"),
        (False, "SUBMITTING"),
        (False, "WORKING"),
    ]
    cancelled = rig.order_events[4]
    assert (cancelled.reason_code, cancelled.reason) == (
        "REPLACED_BY_HAND",
        "by operator: why not",
    )


@pytest.mark.parametrize(
    ("order", "terms", "code"),
    [
        ({}, {"quantity": Decimal(11)}, "RISK_INCREASING"),
        ({}, {"limit_price": Decimal(91)}, "RISK_INCREASING"),
        (
            {"side": Side.SELL, "limit_price": Decimal(110)},
            {"limit_price": Decimal(109)},
            "RISK_INCREASING",
        ),
        ({}, {"quantity": Decimal(0)}, "SPECIFICATION_INVALID"),
        ({}, {"trigger_price": Decimal(95)}, "SPECIFICATION_INVALID"),
        ({}, {}, "NOTHING_CHANGED"),
        ({}, {"limit_price": Decimal(90)}, "NOTHING_CHANGED"),
    ],
)
def test_what_no_approval_covers_is_refused(
    order: dict[str, Any], terms: dict[str, Any], code: str
) -> None:
    """Larger, or at a worse price: that needs a verdict; the old order stays as it is."""
    rig = resting(**order)
    said = len(rig.said)
    answer = replace(rig, **terms)
    assert (answer.accepted, answer.code) == (False, code)
    assert len(rig.said) == said


@pytest.mark.parametrize(
    ("order", "terms"),
    [
        ({}, {"quantity": Decimal(4)}),
        ({}, {"limit_price": Decimal(89)}),
        (SALE, {"limit_price": Decimal(111)}),
    ],
)
def test_what_is_smaller_or_better_is_covered(order: dict[str, Any], terms: dict[str, Any]) -> None:
    """The approval of the old order covers it."""
    assert replace(resting(**order), **terms).accepted


def test_a_longer_trail_is_worse() -> None:
    """A buy that trails further behind buys higher."""
    trail: dict[str, Any] = {"order_type": OrderType.TRAILING_STOP, "trail_amount": Decimal(5)}
    for length, accepted in ((4, True), (6, False)):
        rig = resting(limit_price=None, **trail)
        assert replace(rig, trail_amount=Decimal(length)).accepted is accepted


def test_ended_and_unknown_orders_are_refused() -> None:
    """There is nothing to replace or cancel."""
    rig = resting()
    identity = newest(rig)
    assert cancel(rig).accepted
    assert rig.order_events[-1].reason_code == "CANCELLED_BY_HAND"
    assert replace(rig, identity, limit_price=Decimal(80)).code == "ORDER_ENDED"
    assert replace(rig, "tg-nobody", "other", limit_price=Decimal(80)).code == "ORDER_UNKNOWN"


def test_a_repeated_command_does_nothing_more() -> None:
    """The same call gets the same answer."""
    rig = resting()
    first = replace(rig, limit_price=Decimal(88))
    calls = rig.calls
    identity = first.client_order_id
    assert replace(rig, identity, limit_price=Decimal(88)) == first
    assert rig.calls == calls


def test_an_order_that_fills_meanwhile_is_not_placed_again() -> None:
    """The cancel comes too late: nothing is left, and the new order is withdrawn."""
    rig = resting()
    command = ReplaceOrder(
        session=SESSION, client_order_id=newest(rig), limit_price=Decimal(88), principal="operator"
    )
    rig.execution.handle(Called("c", command), at(0))
    for report in rig.venue.handle(bar(1, (100, 101, 80, 85)), at(1)):
        rig.execution.handle(report.body, at(1))  # type: ignore[union-attr]
    ended = rig.execution._state.closed.values()
    assert [order.state for order in ended] == [OrderState.FILLED, OrderState.CANCELLED]
    assert rig.execution._state.orders == {}


def test_a_raise_in_between_keeps_the_new_order_from_leaving() -> None:
    """The gate was shut and opened while the cancel was under way: the approval is too old."""
    rig = resting()
    old = newest(rig)
    command = ReplaceOrder(
        session=SESSION, client_order_id=old, limit_price=Decimal(88), principal="operator"
    )
    rig.execution.handle(Called("c", command), at(0))
    rig.execution.handle(raised(GateLevel.HALTED), at(0))
    rig.execution.handle(lowered(GateLevel.OPEN), at(0))
    following = rig.execution._state.closed
    assert [order.cancel_code or order.state.name for order in following.values()] == ["CANCELLED"]


def protected() -> SessionRig:
    """Return a session that holds 10, with a stop at 90 and a target at 110."""
    rig = SessionRig(parameters=execution_parameters(protective_exits="bracket"))
    rig.instant(at(0), [instrument(), bar(0, FLAT)])
    exits = {"stop_price": Decimal(90), "take_profit_price": Decimal(110)}
    rig.instant(at(0), [verdict(at(0), **exits)])  # type: ignore[arg-type]
    rig.instant(at(1), [bar(1, FLAT)])
    return rig


def stop_of(rig: SessionRig) -> str:
    """Return the id of the open stop, or nothing."""
    orders = rig.execution._state.orders.values()
    found = [o.client_order_id for o in orders if o.specification.order_type == OrderType.STOP]
    return found[0] if found else ""


def test_an_exit_is_moved() -> None:
    """The next stop is at the new price and as large; the plan keeps it there."""
    rig = protected()
    assert replace(rig, stop_of(rig), trigger_price=Decimal(95)).accepted
    order = rig.execution._state.orders[stop_of(rig)]
    assert (order.specification.trigger_price, order.remaining) == (Decimal(95), Decimal(10))
    sized = replace(rig, stop_of(rig), "again", quantity=Decimal(5))
    assert sized.code == "EXIT_SIZE_FIXED"


def test_an_exit_that_is_cancelled_by_hand_does_not_come_back() -> None:
    """The target stays."""
    rig = protected()
    assert cancel(rig, stop_of(rig)).accepted
    rig.instant(at(2), [bar(2, FLAT)])
    assert stop_of(rig) == ""
    assert len(rig.execution._state.orders) == 1


def test_what_works_around_the_session_does_so_when_it_is_replaced() -> None:
    """The hours belong to what was approved."""
    rig = SessionRig()
    always = (OpenInterval(opens_at_ns=0, closes_at_ns=at(99)),)
    rig.instant(at(0), [instrument(extended_intervals=always), bar(0, FLAT)])
    rig.instant(at(0), [verdict(at(0), limit_price=Decimal(90), extended_hours=True)])
    assert replace(rig, limit_price=Decimal(89)).accepted
    placed = [each.resting.specification for each in rig.venue.book.orders.values()]
    assert [(each.limit_price, each.extended_hours) for each in placed] == [
        (Decimal(90), True),
        (Decimal(89), True),
    ]
