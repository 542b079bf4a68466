"""Sessions at the paper venue: who fills when, until when a day lasts, and what rests meanwhile."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_contracts.execution import (
    OrderAccepted,
    OrderRejected,
    OrderSpecification,
    OrderType,
    Side,
    SubmitOrder,
    TimeInForce,
)
from tidegate_contracts.market import Bar, OpenInterval
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.testing import DAY_0_NS, bar, instrument, specification, venue_parameters
from tidegate_kernel.machine import Answer, Body, Called
from tidegate_kernel.time import NS_PER_DAY

HOUR_NS = 3_600 * 10**9
REGULAR, EXTENDED = (14, 21), (9, 25)
"""New York's winter by UTC: from 9 to 16 and from 4 to 20, past midnight."""
QUIET, DIP = (100, 101, 99, 100), (100, 101, 89, 100)


def hours(opens: int, closes: int) -> tuple[OpenInterval, ...]:
    """Return the same hours of two days."""
    return tuple(
        OpenInterval(opens_at_ns=day + opens * HOUR_NS, closes_at_ns=day + closes * HOUR_NS)
        for day in (DAY_0_NS, DAY_0_NS + NS_PER_DAY)
    )


def hourly(hour: int, ohlc: tuple[int, int, int, int] = QUIET) -> Bar:
    """Return the bar of an hour since the first day began."""
    return bar(hour, ohlc, length_ns=HOUR_NS)


def venue(**changes: object) -> PaperVenueMachine:
    """Return a venue with a share that has a regular session and hours around it."""
    made = PaperVenueMachine.restore(venue_parameters(), None)
    named: dict[str, Any] = {
        "open_intervals": hours(*REGULAR),
        "extended_intervals": hours(*EXTENDED),
    }
    made.handle(instrument(**{**named, **changes}), 0)
    made.handle(hourly(0), HOUR_NS)
    made.book.holdings["AAPL"] = Decimal(10)
    return made


def submit(at: PaperVenueMachine, hour: int, order: OrderSpecification) -> Body:
    """Place an order at the beginning of an hour."""
    request = SubmitOrder(
        session="demo", specification=order, caused_at_ns=hour * HOUR_NS + DAY_0_NS
    )
    found = at.handle(Called(order.client_order_id, request), request.caused_at_ns)[0]
    assert isinstance(found, Answer)
    return found.body


def buy(*, extended: bool, **changes: Any) -> OrderSpecification:  # noqa: ANN401 - any field
    """Return a purchase at 90."""
    told = {"limit_price": Decimal(90), "extended_hours": extended, **changes}
    return specification("key", **told)


def state(at: PaperVenueMachine, order: OrderSpecification) -> tuple[str, int]:
    """Return an order's state, and the hour in which it was reached."""
    found = at.book.orders[order.client_order_id]
    return found.state.name, (found.event_at_ns - DAY_0_NS) // HOUR_NS


@pytest.mark.parametrize(
    ("hour", "regular", "extended"),
    [
        (8, "WORKING", "WORKING"),
        (9, "WORKING", "FILLED"),
        (13, "WORKING", "FILLED"),
        (14, "FILLED", "FILLED"),
        (20, "FILLED", "FILLED"),
        (21, "WORKING", "FILLED"),
        (24, "WORKING", "FILLED"),
        (25, "WORKING", "WORKING"),
    ],
)
def test_an_order_fills_in_the_hours_that_it_asked_for(
    hour: int, regular: str, extended: str
) -> None:
    """Only those who asked fill around the regular session, and nobody in the night."""
    for asked, expected in ((False, regular), (True, extended)):
        at, order = venue(), buy(extended=asked)
        assert isinstance(submit(at, 1, order), OrderAccepted)
        at.handle(hourly(hour, DIP), DAY_0_NS + (hour + 1) * HOUR_NS)
        assert state(at, order)[0] == expected


def test_what_names_no_hours_fills_always() -> None:
    """As before."""
    at, order = venue(open_intervals=(), extended_intervals=()), buy(extended=False)
    submit(at, 1, order)
    at.handle(hourly(3, DIP), DAY_0_NS + 4 * HOUR_NS)
    assert state(at, order)[0] == "FILLED"


@pytest.mark.parametrize(("extended", "ends"), [(False, 21), (True, 25)])
def test_a_day_ends_with_the_hours_that_the_order_may_work_in(*, extended: bool, ends: int) -> None:
    """A regular one in the afternoon, one with extended hours in the evening, past midnight UTC."""
    at, order = venue(), buy(extended=extended, time_in_force=TimeInForce.DAY)
    submit(at, 9, order)
    for hour in range(9, ends):
        at.handle(hourly(hour), DAY_0_NS + (hour + 1) * HOUR_NS)
        assert state(at, order)[0] == ("WORKING" if hour < ends - 1 else "EXPIRED")
    assert state(at, order) == ("EXPIRED", ends)


def test_a_day_that_is_over_ends_with_the_next_bar() -> None:
    """Hours in which nothing was traded are over all the same, at their own end."""
    at, order = venue(), buy(extended=True, time_in_force=TimeInForce.DAY)
    submit(at, 1, order)
    for hour in range(1, 24):
        at.handle(hourly(hour), DAY_0_NS + (hour + 1) * HOUR_NS)
    assert state(at, order)[0] == "WORKING"
    at.handle(hourly(34, DIP), DAY_0_NS + 35 * HOUR_NS)
    assert state(at, order) == ("EXPIRED", 25)


def test_a_stop_is_triggered_in_the_regular_session_only() -> None:
    """What trades before and after triggers nothing; in the session the same price does."""
    order = specification(
        "stop", order_type=OrderType.STOP, side=Side.SELL, trigger_price=Decimal(95)
    )
    at = venue()
    submit(at, 9, order)
    for hour in (9, 13, 22):
        at.handle(hourly(hour, DIP), DAY_0_NS + (hour + 1) * HOUR_NS)
        assert state(at, order)[0] == "WORKING"
    at.handle(hourly(38, DIP), DAY_0_NS + 39 * HOUR_NS)
    assert state(at, order)[0] == "FILLED"


def test_a_trailing_trigger_rests_outside_of_the_regular_session() -> None:
    """A high before the session moves nothing."""
    order = specification(
        "trail", order_type=OrderType.TRAILING_STOP, side=Side.SELL, trail_amount=Decimal(5)
    )
    at = venue()
    submit(at, 9, order)
    at.handle(hourly(13, (100, 150, 100, 150)), DAY_0_NS + 14 * HOUR_NS)
    at.handle(hourly(14), DAY_0_NS + 15 * HOUR_NS)
    assert at.book.orders[order.client_order_id].resting.best_price == 101
    assert state(at, order)[0] == "WORKING"


@pytest.mark.parametrize(
    ("listed", "changes", "code"),
    [
        ({"extended_intervals": ()}, {}, "EXTENDED_HOURS"),
        ({}, {"time_in_force": TimeInForce.IOC}, "FORM"),
        ({}, {"order_type": OrderType.MARKET, "limit_price": None}, "FORM"),
    ],
)
def test_extended_hours_are_refused_where_there_are_none(
    listed: dict[str, object], changes: dict[str, object], code: str
) -> None:
    """By name, as a real venue does."""
    answer = submit(venue(**listed), 14, buy(extended=True, **changes))
    assert isinstance(answer, OrderRejected)
    assert answer.code == code
