"""Reservations: from approval to the last fill, in whichever order reports arrive."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from tidegate_contracts.execution import OrderState, OrderType, Side
from tidegate_contracts.signals import Direction
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import Desk, code, order_event, ordered, parameters


def reserved(desk: Desk) -> int:
    """Return the number of open orders that the machine counts."""
    return desk.machine.state.book.orders.count()


def test_an_approval_reserves_at_once() -> None:
    """Before execution has said a word, the order is open."""
    desk = Desk()
    desk.ask()
    assert reserved(desk) == 1


@pytest.mark.parametrize("state", [OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED])
def test_an_ended_order_frees_its_reservation(state: OrderState) -> None:
    """Ended without a fill: nothing is open."""
    desk = Desk()
    desk.report(desk.ask(), state)
    assert reserved(desk) == 0


@pytest.mark.parametrize(
    "state",
    [OrderState.PENDING, OrderState.SUBMITTING, OrderState.WORKING, OrderState.UNKNOWN],
)
def test_an_order_that_may_still_fill_stays_reserved(state: OrderState) -> None:
    """UNKNOWN above all: nothing is proven, so everything is reserved."""
    desk = Desk()
    desk.report(desk.ask(), state)
    assert reserved(desk) == 1


def test_an_end_before_its_fills_keeps_what_they_will_bring() -> None:
    """Cancelled after 30 shares, whose fill is still under way: 30 stay counted, once."""
    desk = Desk()
    verdict = desk.ask()
    desk.report(verdict, OrderState.CANCELLED, 30)
    book, listing = desk.machine.state.book, "XNAS|AAPL"
    assert book.reaches()[listing].worst() == 30
    desk.fill(verdict, 30)
    assert book.reaches()[listing].worst() == 30
    assert reserved(desk) == 0


def test_a_fill_counts_once() -> None:
    """The same execution again changes nothing."""
    desk = Desk()
    fill = desk.fill(desk.ask(), 30)
    desk.tell(fill)
    assert desk.machine.state.book.holdings.position("XNAS|AAPL") == 30


@pytest.mark.parametrize("answered", [False, True])
def test_on_the_walls_clock_only_an_orders_end_frees_it(*, answered: bool) -> None:
    """Execution may have sent it and be unheard, so that silence proves nothing."""
    desk = Desk(parameters(lockstep=False), ["AAPL"])
    verdict = desk.ask()
    if answered:
        desk.report(verdict, OrderState.PENDING)
    desk.now_ns += 100 * NS_PER_SECOND
    assert code(desk.ask()) == Code.ALREADY_AT_TARGET
    desk.report(verdict, OrderState.REJECTED)
    assert code(desk.ask()) == "APPROVED"


def test_in_lockstep_silence_until_the_next_instant_means_no_order() -> None:
    """An instant is over only when execution has answered."""
    desk = Desk()
    desk.ask()
    assert code(desk.ask()) == Code.ALREADY_AT_TARGET
    desk.now_ns += 1
    assert code(desk.ask()) == "APPROVED"


def test_an_order_that_risk_forgot_is_counted_again_when_it_shows_up() -> None:
    """Whatever execution says is open, is open."""
    desk = Desk()
    verdict = desk.ask()
    desk.now_ns += 1
    desk.ask(Direction.FLAT)
    assert reserved(desk) == 0
    desk.report(verdict, OrderState.WORKING)
    assert reserved(desk) == 1


def test_an_order_of_the_gate_is_counted() -> None:
    """Flattening orders come from no verdict; their sales are open all the same."""
    desk = Desk()
    verdict = desk.hold()
    specification = msgspec.structs.replace(ordered(verdict), client_order_id="gate-1")
    event = order_event(verdict, OrderState.WORKING)
    desk.tell(msgspec.structs.replace(event, specification=specification))
    assert reserved(desk) == 1


def test_a_closing_order_is_as_large_as_execution_made_it() -> None:
    """The verdict said 0, an entry filled meanwhile, and execution closes its 100 shares."""
    desk = Desk()
    entry = desk.ask()
    flat = desk.ask(Direction.FLAT)
    desk.fill(entry)
    specification = msgspec.structs.replace(ordered(flat), quantity=Decimal(100))
    event = order_event(flat, OrderState.SUBMITTING)
    desk.tell(msgspec.structs.replace(event, specification=specification))
    assert desk.machine.state.book.orders.open_quantity("XNAS|AAPL", Side.SELL) == 100
    assert code(desk.ask(Direction.FLAT)) == Code.NOTHING_TO_CLOSE


@pytest.mark.parametrize("kind", [OrderType.STOP, OrderType.LIMIT])
def test_protective_exits_take_no_limit_and_no_closing_away(kind: OrderType) -> None:
    """They neither count as open orders nor keep a strategy from being closed in full."""
    desk = Desk()
    held = desk.hold()
    exit_order = msgspec.structs.replace(
        ordered(held),
        client_order_id=f"exit-{kind.name}",
        side=Side.SELL,
        order_type=kind,
        reduce_only=True,
    )
    for state in (OrderState.PENDING, OrderState.WORKING):
        event = order_event(held, state)
        desk.tell(msgspec.structs.replace(event, leg=1, specification=exit_order))
    assert reserved(desk) == 0
    assert ordered(desk.ask(Direction.FLAT)).quantity == ordered(held).quantity
