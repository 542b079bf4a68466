"""What execution has died over is counted from the orders' own events."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from tests.crash.books import Books, Message

from tidegate_contracts import codec
from tidegate_contracts.execution import (
    OrderEvent,
    OrderLeg,
    OrderSpecification,
    OrderState,
    OrderType,
    Side,
)
from tidegate_execution.core.orders.attached import attached_exits_id

from .coverage import GOALS, ORDER_EVENT, covered, goals_missing

STOP = OrderSpecification(
    client_order_id="a",
    venue="alpaca",
    symbol="SPY",
    side=Side.SELL,
    order_type=OrderType.STOP,
    quantity=Decimal(1),
    trigger_price=Decimal(99),
)


def said(specification: OrderSpecification = STOP, leg: int = 0) -> Books:
    """Return what an order has said: written down at 10, works from 20 to 30."""
    states = ((10, OrderState.PENDING), (20, OrderState.WORKING), (30, OrderState.FILLED))
    bodies = [
        OrderEvent(
            session="alpaca",
            signal_key="signal",
            leg=leg,
            specification=specification,
            state=state,
            event_at_ns=at_ns,
        )
        for at_ns, state in states
    ]
    messages = [Message("execution/alpaca", 1, ORDER_EVENT, b"", codec.encode(b)) for b in bodies]
    return Books({"execution/alpaca": messages}, {}, {}, ())


def test_a_death_counts_while_the_order_is_open() -> None:
    """Before it is written down and after it has ended it does not; in flight only at first."""
    for moment, over, in_flight in ((5, 0, 0), (15, 1, 1), (25, 1, 0), (35, 0, 0)):
        counts = covered(said(), [moment])
        assert counts["killed over: alpaca: stop, native"] == over
        assert counts["killed in flight: alpaca: stop, native"] == in_flight


def test_every_kind_has_its_name() -> None:
    """By type, by who waits for the trigger, by legs and hours, by what the order follows."""
    limit = msgspec.structs.replace(STOP, order_type=OrderType.LIMIT, trigger_price=None)
    legs = (OrderLeg(symbol="x", side=Side.BUY, ratio=1),)
    for specification, leg, kind in (
        (msgspec.structs.replace(STOP, symbol="BTC/USD"), 0, "stop, held"),
        (msgspec.structs.replace(limit, legs=legs), 0, "legs"),
        (msgspec.structs.replace(limit, extended_hours=True), 0, "extended hours"),
        (limit, 1, "replacement"),
    ):
        assert covered(said(specification, leg), [])[f"orders: alpaca: {kind}"] == 1
    assert not any(each.startswith("orders") for each in covered(said(limit), []))


def test_exits_sent_with_their_entry_are_a_kind_of_their_own() -> None:
    """And so is the entry, whatever it would be by itself."""
    entry = msgspec.structs.replace(STOP, client_order_id="tg-a", order_type=OrderType.MARKET)
    exits = msgspec.structs.replace(
        STOP,
        client_order_id=attached_exits_id("tg-a"),
        order_type=OrderType.LIMIT,
        limit_price=Decimal(101),
        reduce_only=True,
    )
    events = [said(entry), said(exits, 1)]
    messages = [each for books in events for each in books.outbox["execution/alpaca"]]
    counts = covered(Books({"execution/alpaca": messages}, {}, {}, ()), [25])
    assert counts["killed over: alpaca: entry with its exits"] == 1
    name = "exit sent with its entry: stop and target in one order"
    assert counts[f"killed over: alpaca: {name}"] == 1


def test_what_was_never_died_over_is_missing() -> None:
    """All of it at first, and nothing when each was."""
    assert goals_missing({}) == list(GOALS)
    assert goals_missing(dict.fromkeys((f"killed over: {each}" for each in GOALS), 1)) == []
