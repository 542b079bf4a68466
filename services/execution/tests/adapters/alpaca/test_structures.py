"""Orders of several legs: what is posted, what is read of the answers, and what they prove."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from tests.venues.recordings import Json
from tests.venues.server import TestVenue

from tidegate_contracts.execution import (
    CancelOrder,
    LegFilled,
    OrderAccepted,
    OrderLeg,
    OrderRejected,
    OrderSpecification,
    OrderState,
    OrderType,
    OutcomeUnknown,
    QueryAccount,
    QueryOrder,
    Side,
    SubmitOrder,
    TimeInForce,
    VenueAccount,
    VenueOrder,
    VenueReportKind,
)
from tidegate_execution.adapters.alpaca.failures import Unreadable
from tidegate_execution.adapters.alpaca.fees import Fees
from tidegate_execution.adapters.alpaca.orders import (
    filled_of,
    posted,
    specification_of,
    unpostable,
    venue_order,
)
from tidegate_execution.adapters.alpaca.reports import report_of, report_of_leg
from tidegate_execution.adapters.alpaca.structures import Families
from tidegate_execution.adapters.alpaca.venue import AlpacaVenue
from tidegate_kernel.money import use_money_context

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
LONG, SHORT, PUT = "AAPL271217C00200000", "AAPL271217C00210000", "AAPL271217P00190000"
ONE, TWO = Decimal(100), Decimal(200)
"""Contracts, in units."""
LEGS = (
    OrderLeg(symbol=LONG, side=Side.BUY, ratio=2),
    OrderLeg(symbol=SHORT, side=Side.SELL, ratio=1),
)
SPREAD = (OrderLeg(symbol=LONG, side=Side.BUY, ratio=1), LEGS[1])


def structure(name: str = "tg-a", **more: object) -> OrderSpecification:
    """Return a purchase of two structures at a net price of 3.10 a unit, or what is said."""
    values: dict[str, object] = {
        "client_order_id": name,
        "venue": "alpaca",
        "symbol": "AAPL",
        "side": Side.BUY,
        "order_type": OrderType.LIMIT,
        "quantity": Decimal(200),
        "limit_price": Decimal("3.10"),
        "time_in_force": TimeInForce.DAY,
        "legs": SPREAD,
    }
    return OrderSpecification(**{**values, **more})  # type: ignore[arg-type]


def shown(specification: OrderSpecification, filled: tuple[str, ...] = ("0", "0")) -> Json:
    """Return what the venue shows of a posted order, its legs filled so far."""
    body: Any = posted(specification)
    for at, (leg, count) in enumerate(zip(body["legs"], filled, strict=True)):
        leg |= {"id": f"leg-{at}", "filled_qty": count, "order_class": "mleg", "type": ""}
        leg["client_order_id"] = f"other-{at}"
    times = dict.fromkeys(("created_at", "updated_at"), "2026-09-18T13:24:50Z")
    parent = {"id": "parent", "symbol": "", "side": "", "filled_qty": "0", "status": "new"}
    return {**body, **parent, **times}


def test_a_structure_is_posted_as_alpaca_asks_for_it() -> None:
    """In structures, without symbol and side, each leg with its ratio and intent."""
    assert posted(structure(legs=LEGS, reduce_only=True)) == {
        "order_class": "mleg",
        "qty": "2",
        "type": "limit",
        "time_in_force": "day",
        "client_order_id": "tg-a",
        "limit_price": "3.1",
        "legs": [
            {
                "symbol": LONG,
                "side": "buy",
                "ratio_qty": "2",
                "position_intent": "buy_to_close",
            },
            {
                "symbol": SHORT,
                "side": "sell",
                "ratio_qty": "1",
                "position_intent": "sell_to_close",
            },
        ],
    }
    assert "whole contracts" in unpostable(structure(quantity=Decimal(150)))
    assert not unpostable(structure())


@settings(max_examples=30)
@given(
    count=st.integers(1, 5_000),
    cents=st.integers(-10_000, 10_000),
    ratios=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    filled=st.tuples(st.integers(0, 99), st.integers(0, 99)),
)
def test_what_is_posted_is_read_back(
    count: int, cents: int, ratios: tuple[int, int], filled: tuple[int, int]
) -> None:
    """Net prices below 0 too; and what is whole of uneven legs is what each of them covers."""
    use_money_context()
    legs = tuple(
        OrderLeg(symbol=each.symbol, side=each.side, ratio=ratio)
        for each, ratio in zip(SPREAD, ratios, strict=True)
    )
    price, quantity = Decimal(cents) / 100, Decimal(count) * 100
    made = structure(legs=legs, limit_price=price, quantity=quantity)
    document = shown(made, tuple(map(str, filled)))
    assert specification_of(document, "alpaca") == made
    whole = filled_of(document) / 100
    assert all(whole * ratio <= each for ratio, each in zip(ratios, filled, strict=True))
    assert any((whole + 1) * ratio > each for ratio, each in zip(ratios, filled, strict=True))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("symbol", "AAPL", "an option's"),
        ("symbol", "SPY271217C00600000", "one underlying"),
        ("side", "sell_short", "buy or sell"),
        ("ratio_qty", "1.5", "ratio_qty"),
        ("ratio_qty", None, "ratio_qty"),
        ("filled_qty", None, "filled_qty"),
        ("id", None, "id"),
    ],
)
def test_a_leg_that_cannot_be_read_makes_the_order_unreadable(
    name: str, value: object, expected: str
) -> None:
    """Half a structure is none."""
    document = shown(structure())
    document["legs"][1][name] = value
    with pytest.raises(Unreadable, match=expected):
        venue_order(document, "alpaca")
    for legs in (None, list[Json]()):
        with pytest.raises(Unreadable, match="expected legs"):
            venue_order({**document, "legs": legs}, "alpaca")


def heard(event: str, order: Json, **more: str) -> Json:
    """Return a message of the private stream."""
    return {"event": event, "timestamp": "2026-09-18T13:24:51Z", "order": order, **more}


def test_the_stream_tells_what_each_leg_has_filled_and_no_execution() -> None:
    """The parent's own price is net: booked as a fill it would be nobody's."""
    document = shown(structure(), ("2", "1"))
    told = heard("partial_fill", document, qty="1", price="3.1")
    report = report_of(told, "demo", "alpaca", Fees())
    assert report is not None
    assert (report.client_order_id, report.symbol) == ("tg-a", "AAPL")
    assert (report.kind, report.execution) == (VenueReportKind.FILLED, None)
    assert report.filled_quantity == 100
    assert [each.filled_quantity for each in report.legs_filled] == [200, 100]


def test_a_message_about_a_leg_is_its_orders() -> None:
    """With the execution, under the ids that everything else of the order carries."""
    document, families = shown(structure(), ("2", "1")), Families()
    told = heard("fill", document["legs"][0], qty="1", price="5.1")
    with pytest.raises(Unreadable, match="known order"):
        report_of_leg(told, families, "demo", "alpaca", Fees())
    families.remember(document)
    report = report_of_leg(told, families, "demo", "alpaca", Fees())
    assert report is not None
    assert (report.client_order_id, report.venue_order_id) == ("tg-a", "parent")
    assert report.legs_filled == (LegFilled(symbol=LONG, filled_quantity=Decimal(200)),)
    assert report.execution is not None
    assert report.execution.execution_id == "leg-0:200"
    assert (report.execution.symbol, report.execution.quantity) == (LONG, ONE)
    ended = heard("canceled", document["legs"][0])
    assert report_of_leg(ended, families, "demo", "alpaca", Fees()) is None


# --- at the test venue --------------------------------------------------------------------------


@pytest.fixture
def quoted(venue: TestVenue) -> TestVenue:
    """Return a venue that offers the spread at 5.10 - 2.00 = 3.10."""
    venue.alpaca.quote(LONG, [("5", "9")], [("5.1", "1"), ("5.1", "8")])
    venue.alpaca.quote(SHORT, [("2", "9")], [("2.1", "9")])
    return venue


async def submit(alpaca: AlpacaVenue, **order: object) -> object:
    """Send an order."""
    request = SubmitOrder(session="demo", specification=structure(**order), caused_at_ns=1)  # type: ignore[arg-type]
    return await alpaca.port.call(request, "r")


async def query(alpaca: AlpacaVenue, name: str = "tg-a") -> VenueOrder:
    """Ask what became of it."""
    found = await alpaca.port.call(QueryOrder(client_order_id=name, symbol="AAPL"), "q")
    assert isinstance(found, VenueOrder)
    return found


async def account(alpaca: AlpacaVenue) -> VenueAccount:
    """Ask for the account."""
    found = await alpaca.port.call(QueryAccount(session="demo"), "a")
    assert isinstance(found, VenueAccount)
    return found


@pytest.mark.real
async def test_a_structure_is_filled_and_each_legs_fills_are_found(
    quoted: TestVenue, alpaca: AlpacaVenue
) -> None:
    """Under the leg's own order, in units, with the fees of its side."""
    answer = await submit(alpaca)
    assert isinstance(answer, OrderAccepted)
    found = await query(alpaca)
    assert (found.state, found.filled_quantity) == (OrderState.FILLED, TWO)
    assert found.specification == structure()
    assert [(each.symbol, each.filled_quantity) for each in found.legs_filled] == [
        (LONG, TWO),
        (SHORT, TWO),
    ]
    assert [(each.symbol, each.quantity, each.price) for each in found.executions] == [
        (LONG, ONE, Decimal("5.1")),
        (LONG, ONE, Decimal("5.1")),
        (SHORT, TWO, Decimal(2)),
    ]
    legs = {leg.ticket.symbol: leg.order_id for leg in quoted.alpaca.find_client("tg-a").legs}
    assert [each.execution_id for each in found.executions] == [
        f"{legs[LONG]}:100",
        f"{legs[LONG]}:200",
        f"{legs[SHORT]}:200",
    ]
    fees = sum(each.fee for _, each in quoted.alpaca.executions)
    assert sum(each.fee for each in found.executions) == fees


@pytest.mark.real
async def test_an_open_structure_is_one_order_of_the_account(
    quoted: TestVenue, alpaca: AlpacaVenue
) -> None:
    """Its legs are no orders of somebody else; a cancel of it ends them with it."""
    await submit(alpaca, limit_price=Decimal(1))
    (found,) = (await account(alpaca)).open_orders
    assert found.specification == structure(limit_price=Decimal(1))
    answer: Any = await alpaca.port.call(CancelOrder(client_order_id="tg-a", symbol="AAPL"), "c")
    assert answer.accepted
    assert (await account(alpaca)).open_orders == ()
    assert quoted.alpaca.open_orders() == []
    assert (await query(alpaca)).state is OrderState.CANCELLED


@pytest.mark.real
@pytest.mark.usefixtures("quoted")
async def test_one_that_cannot_be_read_is_in_doubt_alone(
    alpaca: AlpacaVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A leg without its ratio: the other order is known as before."""
    for name in ("damaged", "whole"):
        await submit(alpaca, name=name, limit_price=Decimal(1))
    asked = alpaca.port.client.get

    def damaged(path: str, query: dict[str, object] | None = None) -> object:
        answer = asked(path, query)
        for each in answer if isinstance(answer, list) else ():
            if each.get("client_order_id") == "damaged":
                each["legs"][0]["ratio_qty"] = None
        return answer

    monkeypatch.setattr(alpaca.port.client, "get", damaged)
    states = {each.client_order_id: each.state for each in (await account(alpaca)).open_orders}
    assert states == {"damaged": OrderState.UNKNOWN, "whole": OrderState.WORKING}


@pytest.mark.real
@pytest.mark.usefixtures("quoted")
async def test_legs_that_the_venue_does_not_show_are_asked_for(
    alpaca: AlpacaVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the venue's own id, when an answer by ours leaves them out."""
    await submit(alpaca)
    asked = alpaca.port.client.get

    def without(path: str, query: dict[str, object] | None = None) -> object:
        answer: Any = asked(path, query)
        return {**answer, "legs": None} if "by_client_order_id" in path else answer

    monkeypatch.setattr(alpaca.port.client, "get", without)
    assert (await query(alpaca)).filled_quantity == 200


@pytest.mark.real
async def test_a_lost_answer_leaves_one_order(quoted: TestVenue, alpaca: AlpacaVenue) -> None:
    """Unknown, found by its id, and never sent twice."""
    quoted.plan.set(answers_lost=1, only="POST")
    assert isinstance(await submit(alpaca), OutcomeUnknown)
    assert isinstance(await submit(alpaca), OutcomeUnknown)
    assert (await query(alpaca)).state is OrderState.FILLED
    assert len(quoted.alpaca.orders) == 3


@pytest.mark.real
async def test_the_venues_refusal_is_a_rejection(quoted: TestVenue, alpaca: AlpacaVenue) -> None:
    """What it does not cover it does not take, and nothing of it is there."""
    naked = tuple(OrderLeg(symbol=each, side=Side.SELL, ratio=1) for each in (SHORT, PUT))
    answer = await submit(alpaca, legs=naked)
    assert isinstance(answer, OrderRejected)
    assert "uncovered" in answer.reason
    assert quoted.alpaca.orders == {}


@pytest.mark.real
@pytest.mark.usefixtures("quoted")
async def test_a_structure_is_replaced(alpaca: AlpacaVenue) -> None:
    """By fewer at another price; the quantity is told in units here and in structures there."""
    await submit(alpaca, limit_price=Decimal(1))
    new = await alpaca.port.replace("tg-a", "tg-b", Decimal(100), Decimal(2))
    assert new.specification == structure("tg-b", quantity=Decimal(100), limit_price=Decimal(2))
    assert (await query(alpaca)).state is OrderState.CANCELLED


@pytest.mark.real
async def test_a_leg_that_the_broker_closes_is_a_holding_that_differs(
    quoted: TestVenue, alpaca: AlpacaVenue
) -> None:
    """It is no execution of the order: what it filled stays what it filled."""
    await submit(alpaca)
    quoted.alpaca.close_by_itself(SHORT)
    found = await account(alpaca)
    assert [(each.symbol, each.quantity) for each in found.holdings] == [(LONG, TWO)]
    assert len((await query(alpaca)).executions) == 3
