"""The reckoning finds what is lost, what is there twice and what is wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from tests.crash.findings import Kind
from tests.venues.exchange.orders import Execution, Order, Side, Status, Ticket

from .places import ALPACA
from .reckoning import Said, findings

ONE, ZERO = Decimal(1), Decimal(0)


def at_venue(name: str, status: Status = Status.FILLED) -> Order:
    """Return an order for one unit as the venue has it."""
    ticket = Ticket("BTC/USD", Side.BUY, ONE, client_order_id=name)
    order = Order(ticket, f"venue-{name}", 1, 0, status)
    if status is Status.FILLED:
        price, fee = Decimal(1_000), (ZERO, "USD")
        order.filled = ONE
        order.executions = [
            Execution("x", 1, price, ONE, ONE, *fee, maker=False, at_ns=0, position=ONE)
        ]
    return order


def here(name: str, **changes: object) -> dict[str, Any]:
    """Return an order as execution shows it, filled unless changed."""
    document = {
        "client_order_id": name,
        "signal_key": f"signal-{name}",
        "state": "FILLED",
        "filled_quantity": "1",
        "venue_order_id": f"venue-{name}",
    }
    return {**document, **changes}


FILL = {
    "client_order_id": "a",
    "symbol": "BTC/USD",
    "side": "BUY",
    "quantity": "1",
    "price": "1000",
    "fee": "0",
    "fee_currency": "USD",
}
RIGHT = Said(
    place=ALPACA,
    approved=["signal-a"],
    orders={"a": here("a")},
    fills=[FILL],
    booked={"BTC/USD": ONE},
    balanced=True,
    at_venue=[at_venue("a")],
    held={"BTC/USD": ONE},
    moved_there=[("interest", ONE)],
    moved_here=[("interest", ONE)],
)


def kinds(**changes: object) -> set[Kind]:
    """Return the kinds of findings when something of what is right is changed."""
    return {each.kind for each in findings(msgspec.structs.replace(RIGHT, **changes))}


def test_what_agrees_is_right() -> None:
    """An order, its fill, the ledger and the venue agree: nothing is found."""
    assert findings(RIGHT) == []


def test_a_second_order_of_one_id_is_a_duplicate() -> None:
    """Also when nobody has booked anything of it."""
    twice = [at_venue("a"), at_venue("a", Status.CANCELED)]
    assert Kind.DUPLICATE in kinds(at_venue=twice)


def test_an_order_that_is_nowhere_is_lost() -> None:
    """An approved signal without an order, an order that never arrived, one that nobody knows."""
    assert kinds(approved=["signal-a", "signal-b"]) == {Kind.LOST}
    more = {"a": here("a"), "b": here("b", state="WORKING", filled_quantity="0")}
    assert kinds(orders=more, approved=["signal-a", "signal-b"]) == {Kind.LOST}
    assert Kind.LOST in kinds(at_venue=[at_venue("a"), at_venue("b", Status.CANCELED)])


def test_an_order_without_an_outcome_is_wrong() -> None:
    """Nothing may be left unknown or under way."""
    for state in ("UNKNOWN", "SUBMITTING", "PENDING"):
        assert Kind.WRONG in kinds(orders={"a": here("a", state=state)})


def test_fills_and_holdings_agree_to_the_unit() -> None:
    """A fill too many, a fill too few, another holding, an unbalanced ledger."""
    assert Kind.DUPLICATE in kinds(fills=[FILL, FILL])
    assert Kind.LOST in kinds(fills=[])
    assert kinds(booked={"BTC/USD": Decimal("1.00001")}) == {Kind.WRONG}
    assert kinds(balanced=False) == {Kind.WRONG}


def test_bookings_of_the_venue_are_here_once() -> None:
    """One that is missing, one twice, another amount."""
    assert kinds(moved_here=[]) == {Kind.LOST}
    assert kinds(moved_here=[("interest", ONE)] * 2) == {Kind.DUPLICATE}
    assert kinds(moved_here=[("interest", ZERO)]) == {Kind.LOST, Kind.DUPLICATE}


def test_a_fee_in_kind_leaves_the_holding() -> None:
    """What is bought is there less the coin that paid for it; other fees are money."""
    less = {"BTC/USD": Decimal("0.9975")}
    in_kind = [{**FILL, "fee": "0.0025", "fee_currency": "BTC"}]
    assert kinds(fills=in_kind, held=less, booked=less) == set()
    assert kinds(fills=in_kind) == {Kind.WRONG}
