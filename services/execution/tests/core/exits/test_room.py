"""No exit is sent while another that closes the same may fill, wherever they are two orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_contracts.execution import (
    CancelOrder,
    OrderType,
    ReplaceOrder,
    SubmitOrder,
    VenueReport,
    VenueReportKind,
)
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.core.orders.order import Order
from tidegate_execution.testing import (
    DAY_0_NS,
    VENUE,
    SessionRig,
    bar,
    execution_parameters,
    instrument,
    requested,
    verdict,
)
from tidegate_kernel.machine import Called, Event
from tidegate_kernel.time import NS_PER_DAY

KINDS = (("paper", True), ("ccxt", True), ("ccxt", False))
"""Where a stop and a target are two orders; what is one order needs no room beside itself."""
FLAT, BELOW = (100, 101, 99, 100), (100, 101, 89, 91)


def at(day: int) -> int:
    """Return the instant at which the bar of a day is known."""
    return DAY_0_NS + (day + 1) * NS_PER_DAY


class Bracket:
    """A session that holds 10 between a stop at 90 and a target at 110; no cancel is answered."""

    def __init__(self, venue: str, *, spot: bool) -> None:
        rig = SessionRig(
            parameters=execution_parameters(venue=venue, spot=spot, protective_exits="bracket")
        )
        rig.instant(at(0), [instrument(), bar(0, FLAT)])
        exits: dict[str, Any] = {"stop_price": Decimal(90), "take_profit_price": Decimal(110)}
        rig.instant(at(0), [verdict(at(0), **exits)])
        rig.instant(at(1), [bar(1, FLAT)])
        self.machine: ExecutionMachine = rig.execution
        self.sent: list[SubmitOrder] = []

    def exit_of(self, order_type: OrderType) -> Order:
        """Return the open exit of a type."""
        opened = self.machine._state.orders.values()
        return next(each for each in opened if each.specification.order_type == order_type)

    def give(self, event: Event) -> None:
        """Handle an event on day 1, and note what is sent."""
        self.sent += requested(self.machine.handle(event, at(1)), SubmitOrder)  # type: ignore[arg-type]

    def command(self, command: CancelOrder | ReplaceOrder) -> None:
        """Let a person ask for something."""
        self.give(Called(f"hand-{command}", command))

    def cancelled(self, order: Order) -> None:
        """Let the venue say that it has cancelled an order."""
        self.give(
            VenueReport(
                session="demo",
                client_order_id=order.client_order_id,
                venue=VENUE,
                symbol="AAPL",
                kind=VenueReportKind.CANCELLED,
                filled_quantity=order.filled_quantity,
            )
        )


@pytest.mark.parametrize(("venue", "spot"), KINDS)
def test_a_stop_waits_until_the_target_that_was_given_up_has_ended(
    venue: str, *, spot: bool
) -> None:
    """Given up by hand, the target may fill until its cancel is proven; the stop leaves after."""
    made = Bracket(venue, spot=spot)
    target, stop = made.exit_of(OrderType.LIMIT), made.exit_of(OrderType.STOP)
    names: dict[str, Any] = {"session": "demo", "principal": "ada", "reason": "test"}
    made.command(CancelOrder(client_order_id=target.client_order_id, **names))
    moved = ReplaceOrder(
        client_order_id=stop.client_order_id, trigger_price=Decimal("89.5"), **names
    )
    made.command(moved)
    if not stop.ended:
        made.cancelled(stop)
    made.give(bar(2, BELOW))
    assert made.sent == [], "the target may still fill"
    made.cancelled(target)
    assert [each.specification.quantity for each in made.sent] == [Decimal(10)]


@pytest.mark.parametrize(("venue", "spot"), KINDS)
def test_a_target_waits_until_the_stop_that_was_given_up_has_ended(
    venue: str, *, spot: bool
) -> None:
    """A native stop may fill until its cancel is proven; one that is held ends at once."""
    made = Bracket(venue, spot=spot)
    target, stop = made.exit_of(OrderType.LIMIT), made.exit_of(OrderType.STOP)
    native = not stop.held
    names: dict[str, Any] = {"session": "demo", "principal": "ada", "reason": "test"}
    made.command(CancelOrder(client_order_id=stop.client_order_id, **names))
    moved = ReplaceOrder(client_order_id=target.client_order_id, limit_price=Decimal(105), **names)
    made.command(moved)
    made.cancelled(target)
    if native:
        assert made.sent == [], "the stop may still fill"
        made.cancelled(stop)
    assert [each.specification.limit_price for each in made.sent] == [Decimal(105)]
