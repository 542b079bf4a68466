"""A stop and a target in one order: what is posted, what answers and messages of either prove."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import (
    OrderSpecification,
    OrderState,
    OrderType,
    Side,
    TimeInForce,
    VenueReport,
    VenueReportKind,
)
from tidegate_execution.adapters.alpaca.choices import Choices, says_passed
from tidegate_execution.adapters.alpaca.failures import Unreadable
from tidegate_execution.adapters.alpaca.fees import Fees
from tidegate_execution.adapters.alpaca.orders import posted, unpostable, venue_order
from tidegate_execution.adapters.alpaca.reports import report_of_part

AT = "2026-03-02T15:00:00Z"
Document = dict[str, object]


def pair(quantity: str = "10") -> OrderSpecification:
    """Return what leaves a long position at 110 or 90."""
    return OrderSpecification(
        client_order_id="tg-a",
        symbol="AAPL",
        side=Side.SELL,
        order_type=OrderType.LIMIT,
        quantity=Decimal(quantity),
        limit_price=Decimal(110),
        trigger_price=Decimal(90),
        time_in_force=TimeInForce.GTC,
        reduce_only=True,
    )


def part(name: str, status: str, filled: str = "0", qty: str = "10") -> Document:
    """Return the target or the stop, as the venue shows it by itself."""
    prices = {"limit_price": "110"} if name == "target" else {"stop_price": "90"}
    return {
        "id": name,
        "client_order_id": "tg-a" if name == "target" else "of the venue",
        "order_class": "oco",
        "symbol": "AAPL",
        "asset_class": "us_equity",
        "side": "sell",
        "type": "limit" if name == "target" else "stop",
        "time_in_force": "gtc",
        "qty": qty,
        "filled_qty": filled,
        "status": status,
        "created_at": AT,
        "updated_at": AT,
        "legs": None,
        **prices,
    }


def whole(target: Document, stop: Document) -> Document:
    """Return the order as it is shown with what hangs on it."""
    return {**target, "legs": [stop]}


def test_one_request_names_both() -> None:
    """A limit order of class oco; its prices are said of its exits alone."""
    assert posted(pair()) == {
        "symbol": "AAPL",
        "side": "sell",
        "qty": "10",
        "type": "limit",
        "time_in_force": "gtc",
        "client_order_id": "tg-a",
        "order_class": "oco",
        "take_profit": {"limit_price": "110"},
        "stop_loss": {"stop_price": "90"},
    }
    assert unpostable(pair()) == ""
    assert unpostable(pair("1.5")).startswith("expected whole shares with a stop and a target")


@pytest.mark.parametrize(
    ("target", "stop", "state", "filled"),
    [
        (("new",), ("held",), OrderState.WORKING, 0),
        (("partially_filled", "4"), ("held", "0", "6"), OrderState.PARTIALLY_FILLED, 4),
        (("filled", "10"), ("canceled",), OrderState.FILLED, 10),
        (("filled", "10"), ("held",), OrderState.PARTIALLY_FILLED, 10),
        (("canceled",), ("new",), OrderState.WORKING, 0),
        (("canceled",), ("partially_filled", "3"), OrderState.PARTIALLY_FILLED, 3),
        (("canceled", "4"), ("filled", "6", "6"), OrderState.FILLED, 10),
        (("canceled", "4", "4"), ("filled", "6"), OrderState.FILLED, 10),
        (("canceled",), ("canceled",), OrderState.CANCELLED, 0),
        (("canceled", "4"), ("canceled", "0", "6"), OrderState.CANCELLED, 4),
        (("filled", "4"), ("canceled", "0", "10"), OrderState.CANCELLED, 4),
        (("expired",), ("canceled",), OrderState.EXPIRED, 0),
        (("rejected",), ("canceled",), OrderState.REJECTED, 0),
    ],
)
def test_it_is_open_as_long_as_one_is(
    target: tuple[str, ...], stop: tuple[str, ...], state: OrderState, filled: int
) -> None:
    """And filled only if both together have filled what was ordered."""
    found = venue_order(whole(part("target", *target), part("stop", *stop)), "alpaca")
    assert found.state is state
    assert found.filled_quantity == filled
    assert found.specification is not None
    told = found.specification
    assert (told.client_order_id, told.quantity) == ("tg-a", Decimal(10))
    assert (told.limit_price, told.trigger_price) == (Decimal(110), Decimal(90))


def test_a_target_whose_stop_is_not_shown_proves_nothing() -> None:
    """What hangs on it must be a stop."""
    with pytest.raises(Unreadable, match="expected a stop beside the target"):
        venue_order(whole(part("target", "new"), part("target", "new")), "alpaca")


def told(known: Choices, name: str, event: str, status: str, filled: str) -> VenueReport | None:
    """Return the report of a message about one of them, of 1 share at 100 if it is a fill."""
    message: Document = {"event": event, "timestamp": AT, "order": part(name, status, filled)}
    if "fill" in event:
        message |= {"qty": "1", "price": "100"}
    return report_of_part(message, known, "demo", "alpaca", Fees())


def knowing() -> Choices:
    """Return what is known once the order has been answered."""
    known = Choices()
    known.remember(whole(part("target", "new"), part("stop", "held")))
    return known


def test_a_message_of_the_stop_is_told_under_our_id() -> None:
    """Its executions have ids of its own order: wherever heard, they are booked once."""
    report = told(knowing(), "stop", "partial_fill", "partially_filled", "1")
    assert report is not None
    assert (report.client_order_id, report.venue_order_id) == ("tg-a", "target")
    assert report.execution is not None
    assert (report.execution.execution_id, report.execution.symbol) == ("stop:1", "")
    assert report.filled_quantity == 1


def test_nothing_is_concluded_from_a_part_that_nobody_knows() -> None:
    """The account is asked; so it is when the venue has put another stop in its place."""
    for name in ("target", "stop"):
        with pytest.raises(Unreadable, match="expected a part of a known order"):
            told(Choices(), name, "fill", "filled", "10")
    with pytest.raises(Unreadable, match="stop replaced"):
        told(knowing(), "stop", "replaced", "replaced", "0")
    assert told(Choices(), "stop", "held", "held", "0") is None


def test_the_end_of_one_is_not_the_end() -> None:
    """It ends with the second of them, whichever that is, and says what both have filled."""
    for first, second in itertools.permutations(("target", "stop")):
        known = knowing()
        assert told(known, first, "canceled", "canceled", "4") is None
        report = told(known, second, "canceled", "canceled", "0")
        assert report is not None
        assert (report.kind, report.filled_quantity) == (VenueReportKind.CANCELLED, Decimal(4))


@settings(max_examples=60, deadline=None)
@given(order=st.permutations(range(4)), doubled=st.booleans())
def test_in_whatever_order_messages_come_the_last_report_says_all(
    order: list[int], *, doubled: bool
) -> None:
    """Two parts fill at the target, the stop ends: never ended too early, never less than told."""
    messages = [
        ("target", "partial_fill", "partially_filled", "1"),
        ("target", "fill", "filled", "2"),
        ("stop", "held", "held", "0"),
        ("stop", "canceled", "canceled", "0"),
    ]
    known, ended_heard = knowing(), set()
    for number in [each for each in order for _ in range(1 + doubled)]:
        ended_heard |= {number} & {1, 3}
        report = told(known, *messages[number])
        if report is not None and report.kind is not VenueReportKind.FILLED:
            assert ended_heard == {1, 3}
            assert report.filled_quantity == 2


def test_an_answer_from_before_a_message_takes_nothing_back() -> None:
    """What a message has told stays, whichever comes first."""
    known = knowing()
    told(known, "stop", "canceled", "canceled", "0")
    known.remember(whole(part("target", "new"), part("stop", "held")))
    report = told(known, "target", "canceled", "canceled", "0")
    assert report is not None
    assert report.kind is VenueReportKind.CANCELLED


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("stop_loss.stop_price must be <= base_price - 0.01", True),
        ("stop_loss.stop_price must be >= base_price + 0.01", True),
        ("take_profit.limit_price must be >= base_price + 0.01", False),
        ("take_profit.limit_price must be > stop_loss.stop_price", False),
        ("insufficient qty available for order", False),
    ],
)
def test_a_stop_is_passed_where_alpaca_says_so(reason: str, *, expected: bool) -> None:
    """Only what compares the stop with the market's price says it."""
    assert says_passed(reason) is expected


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest orders are forgotten with their parts, and asked for when they are heard of."""
    module = "tidegate_execution.adapters.alpaca.choices.CHOICES_REMEMBERED"
    monkeypatch.setattr(module, 1)
    known = knowing()
    other = whole({**part("target", "new"), "id": "new"}, {**part("stop", "held"), "id": "newer"})
    known.remember(other)
    assert known.order_of("stop") == ""
    assert known.order_of("newer") == "new"
