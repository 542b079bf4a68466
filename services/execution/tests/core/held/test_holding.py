"""Orders that execution holds: watched on bars, sent as market or limit orders, ended by dates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tidegate_contracts.execution import OrderState, OrderType, Side, SubmitOrder, TimeInForce
from tidegate_contracts.market import OpenInterval
from tidegate_contracts.risk import GateLevel
from tidegate_execution.testing import (
    DAY_0_NS,
    SessionRig,
    bar,
    execution_parameters,
    instrument,
    raised,
    requested,
    verdict,
)
from tidegate_kernel.machine import TermStarted
from tidegate_kernel.time import NS_PER_DAY

FLAT = (100, 101, 99, 100)
HIGHER = (100, 106, 99, 104)


def at(day: int) -> int:
    """Return the instant at which the bar of a day is known."""
    return DAY_0_NS + (day + 1) * NS_PER_DAY


def holding(*, restart_often: bool = False, **order: object) -> SessionRig:
    """Return a session at an exchange without triggers that holds one order."""
    rig = SessionRig(
        parameters=execution_parameters(venue="ccxt", spot=False), restart_often=restart_often
    )
    rig.instant(at(0), [instrument(shortable=True), bar(0, FLAT)])
    rig.instant(at(0), [verdict(at(0), **order)])  # type: ignore[arg-type]
    return rig


def stop(trigger: int = 105, **order: object) -> dict[str, Any]:
    """Return what a stop order has."""
    return {"order_type": OrderType.STOP, "trigger_price": Decimal(trigger), **order}


def sent(rig: SessionRig) -> list[tuple[str, Decimal | None]]:
    """Return what the venue was told: type and limit of each order."""
    return [
        (each.resting.specification.order_type.name, each.resting.specification.limit_price)
        for each in rig.venue.book.orders.values()
    ]


def test_a_stop_is_held_and_becomes_a_market_order() -> None:
    """WORKING here, unknown to the venue, until a bar trades at the trigger."""
    rig = holding(**stop())
    rig.instant(at(1), [bar(1, FLAT)])
    assert (rig.states(), sent(rig)) == (["PENDING", "WORKING"], [])
    rig.instant(at(2), [bar(2, HIGHER)])
    assert sent(rig) == [("MARKET", None)]
    rig.instant(at(3), [bar(3, FLAT)])
    assert rig.states()[2:] == ["SUBMITTING", "WORKING", "FILLED"]


def test_a_stop_limit_becomes_a_limit_order() -> None:
    """It is sent with its limit, and may rest."""
    limited: dict[str, Any] = {"order_type": OrderType.STOP_LIMIT, "limit_price": Decimal(103)}
    made = verdict(at(0), **stop())
    assert made.specification is not None
    order = msgspec.structs.replace(made.specification, **limited)
    rig = SessionRig(parameters=execution_parameters(venue="ccxt", spot=False))
    rig.instant(at(0), [instrument(), bar(0, FLAT)])
    rig.instant(at(0), [msgspec.structs.replace(made, specification=order)])
    rig.instant(at(2), [bar(2, HIGHER)])
    assert sent(rig) == [("LIMIT", Decimal(103))]


def test_a_bar_that_began_before_the_order_triggers_nothing() -> None:
    """What the market did earlier is not what the order waits for."""
    rig = holding(**stop())
    rig.instant(at(1), [bar(0, HIGHER)])
    assert sent(rig) == []


@pytest.mark.parametrize(
    ("side", "trail", "bars", "triggered_on"),
    [
        (Side.SELL, {"trail_amount": Decimal(5)}, [(100, 104, 99, 103), (103, 104, 99, 100)], 2),
        (Side.SELL, {"trail_amount": Decimal(5)}, [(100, 104, 96, 103), (103, 104, 100, 103)], 0),
        (Side.SELL, {"trail_amount": Decimal(5)}, [(100, 110, 99, 105)], 1),
        (Side.SELL, {"trail_percent": Decimal(10)}, [(100, 120, 99, 119), (119, 119, 108, 109)], 2),
        (Side.BUY, {"trail_amount": Decimal(5)}, [(100, 101, 90, 91), (91, 95, 91, 94)], 2),
        (Side.BUY, {"trail_percent": Decimal(10)}, [(100, 101, 90, 95), (95, 98, 92, 95)], 0),
    ],
)
def test_a_trailing_stop_follows_the_best_price(
    side: Side,
    trail: dict[str, Any],
    bars: list[tuple[int, int, int, int]],
    triggered_on: int,
) -> None:
    """The trigger keeps its distance from the best price since the order was held."""
    rig = holding(order_type=OrderType.TRAILING_STOP, side=side, **trail)
    days: list[int] = []
    for day, prices in enumerate(bars, start=1):
        rig.instant(at(day), [bar(day, prices)])
        days += [day] if len(sent(rig)) == 1 and not days else []
    assert days == ([triggered_on] if triggered_on else [])


def test_the_gate_cancels_what_is_held() -> None:
    """A held entry could increase a position: REDUCE_ONLY ends it without asking anybody."""
    rig = holding(**stop())
    rig.instant(at(0), [raised(GateLevel.REDUCE_ONLY)])
    assert rig.order_events[-1].reason_code == "GATE_CLOSED"
    rig.instant(at(1), [bar(1, HIGHER)])
    assert sent(rig) == []


def test_a_date_ends_what_is_held() -> None:
    """GTD is kept by execution, at its time."""
    dated: dict[str, Any] = {"time_in_force": TimeInForce.GTD, "expires_at_ns": at(2)}
    rig = holding(**stop(**dated))
    assert at(2) in rig.timers.values()
    rig.instant(at(2))
    assert (rig.states()[-1], rig.order_events[-1].reason_code) == ("EXPIRED", "VENUE_EXPIRED")


def test_a_date_cancels_what_rests_at_a_venue_without_dates() -> None:
    """The order is sent without a date and cancelled when it has come."""
    dated: dict[str, Any] = {"time_in_force": TimeInForce.GTD, "expires_at_ns": at(2)}
    rig = holding(limit_price=Decimal(90), **dated)
    told = next(iter(rig.venue.book.orders.values())).resting.specification
    assert (told.time_in_force, told.expires_at_ns) == (TimeInForce.GTC, 0)
    rig.instant(at(2))
    assert (rig.states()[-1], rig.order_events[-1].reason_code) == ("CANCELLED", "DATE_OVER")


def test_a_held_entry_is_let_go_only_by_an_account_that_is_reconciled() -> None:
    """What was allowed when it came is asked again when it leaves."""
    rig = SessionRig(parameters=execution_parameters(lockstep=False, venue="ccxt", spot=False))
    rig.instant(at(0), [TermStarted(1), instrument(), bar(0, FLAT)])
    rig.instant(at(0), [verdict(at(0), **stop())])
    rig.execution.handle(TermStarted(2), at(1))
    effects = rig.execution.handle(bar(1, HIGHER), at(1))
    assert requested(effects, SubmitOrder) == []
    order = next(iter(rig.execution._state.closed.values()))
    assert order.state == OrderState.REJECTED


def test_one_cancels_the_other() -> None:
    """Two orders of a group: when one is triggered the other is cancelled before it is sent."""
    rig = holding(**stop(oco_group="one"))
    rig.instant(at(0), [verdict(at(0), ordinal=1, limit_price=Decimal(90), oco_group="one")])
    rig.instant(at(1), [bar(1, HIGHER)])
    assert [(e.state.name, e.reason_code) for e in rig.order_events if e.reason_code] == [
        ("CANCELLED", "SIBLING_FILLED")
    ]
    rig.instant(at(2), [bar(2, FLAT)])
    assert [int(fill.quantity) for fill in rig.fills] == [10]


def test_a_fill_ends_the_siblings() -> None:
    """The one that rests fills: the one that is held ends."""
    rig = holding(**stop(oco_group="one"))
    rig.instant(at(0), [verdict(at(0), ordinal=1, limit_price=Decimal(98), oco_group="one")])
    rig.instant(at(1), [bar(1, (100, 101, 97, 99))])
    assert rig.execution._state.orders == {}
    assert rig.execution._state.held_orders == {}


def test_restarts_change_nothing() -> None:
    """What is held survives, with the best price that its trigger follows."""
    trail: dict[str, Any] = {"order_type": OrderType.TRAILING_STOP, "trail_amount": Decimal(5)}
    rigs = [holding(side=Side.SELL, restart_often=often, **trail) for often in (False, True)]
    for rig in rigs:
        for day, prices in enumerate([HIGHER, HIGHER, FLAT, FLAT], start=1):
            rig.instant(at(day), [bar(day, prices)])
    assert rigs[0].said == rigs[1].said
    assert rigs[0].fills


@pytest.mark.parametrize("force", [TimeInForce.DAY, TimeInForce.IOC])
def test_what_is_held_lives_until_cancelled_or_dated(force: TimeInForce) -> None:
    """Execution keeps no days for a venue: such an order is refused."""
    rig = holding(**stop(time_in_force=force))
    assert rig.states() == ["REJECTED"]


def test_what_trades_around_the_regular_session_triggers_nothing() -> None:
    """A stop that waits at a venue would not see it either; in the session it is triggered."""
    rig = SessionRig(parameters=execution_parameters(venue="ccxt", spot=False))
    sessions = (OpenInterval(opens_at_ns=at(1), closes_at_ns=at(1) + NS_PER_DAY // 2),)
    rig.instant(at(0), [instrument(open_intervals=sessions), bar(0, FLAT)])
    rig.instant(at(0), [verdict(at(0), **stop())])
    rig.instant(at(1), [bar(1, HIGHER)])
    assert sent(rig) == []
    rig.restart()
    rig.instant(at(2), [bar(2, HIGHER)])
    assert sent(rig) == [("MARKET", None)]
