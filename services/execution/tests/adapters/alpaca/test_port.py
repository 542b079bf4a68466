"""The port against a venue that speaks Alpaca's protocol, through Alpaca's own client."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from tests.instances import eventually
from tests.venues.environment import variables_of
from tests.venues.server import TestVenue

from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.host.errors import PortUnavailable
from tidegate_chassis.venues.budget import Budget
from tidegate_contracts.execution import (
    CancelAnswered,
    CancelOrder,
    OrderAccepted,
    OrderRejected,
    OrderState,
    OrderType,
    OutcomeUnknown,
    QueryAccount,
    QueryOrder,
    SubmitOrder,
    VenueAccount,
    VenueOrder,
)
from tidegate_execution.adapters.alpaca.failures import Refused, Unproven
from tidegate_execution.adapters.alpaca.venue import AlpacaVenue
from tidegate_execution.testing import specification
from tidegate_kernel.machine import Body

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
SYMBOL = "BTC/USD"


def submit(name: str, **order: object) -> SubmitOrder:
    """Return a purchase of 2 BTC at the market, or what is said otherwise."""
    values: dict[str, object] = {
        "symbol": SYMBOL,
        "quantity": Decimal(2),
        "venue": "alpaca",
        **order,
    }
    made = specification(name, client_order_id=name, **values)
    return SubmitOrder(session="demo", specification=made, caused_at_ns=1, risk_increasing=True)


async def query(alpaca: AlpacaVenue, name: str) -> VenueOrder:
    """Ask what became of an order."""
    request = QueryOrder(session="demo", client_order_id=name, venue="alpaca", symbol=SYMBOL)
    found = await alpaca.port.call(request, "q")
    assert isinstance(found, VenueOrder)
    return found


async def cancel(alpaca: AlpacaVenue, name: str) -> CancelAnswered:
    """Ask for a cancel."""
    request = CancelOrder(session="demo", client_order_id=name, venue="alpaca", symbol=SYMBOL)
    answer = await alpaca.port.call(request, "c")
    assert isinstance(answer, CancelAnswered)
    return answer


async def test_an_order_is_taken_and_its_fills_are_found(alpaca: AlpacaVenue) -> None:
    """Each execution has its exact price and an id that its activity gives it."""
    answer = await alpaca.port.call(submit("one"), "r")
    assert isinstance(answer, OrderAccepted)
    found = await query(alpaca, "one")
    assert (found.state, found.venue_order_id) == (OrderState.FILLED, answer.venue_order_id)
    assert [(each.quantity, each.price) for each in found.executions] == [
        (Decimal(1), Decimal(101)),
        (Decimal(1), Decimal(102)),
    ]
    assert [each.execution_id for each in found.executions] == [
        f"{answer.venue_order_id}:1",
        f"{answer.venue_order_id}:2",
    ]
    assert found.specification == submit("one").specification


async def test_quantities_arrive_to_the_last_digit(venue: TestVenue, alpaca: AlpacaVenue) -> None:
    """What no float holds exactly is sent and read exactly."""
    quantity, limit = Decimal("1234567.12345"), Decimal("0.01")
    request = submit("one", quantity=quantity, limit_price=limit, order_type=OrderType.LIMIT)
    await alpaca.port.call(request, "r")
    assert venue.alpaca.find_client("one").ticket.quantity == quantity
    found = await query(alpaca, "one")
    assert found.specification is not None
    assert (found.specification.quantity, found.specification.limit_price) == (quantity, limit)


async def test_more_fills_than_a_page_are_all_found(venue: TestVenue, alpaca: AlpacaVenue) -> None:
    """The activities are read page by page until the filled quantity is explained."""
    venue.alpaca.quote(SYMBOL, [("100", "1")], [(str(101 + n), "0.01") for n in range(200)])
    await alpaca.port.call(submit("one"), "r")
    found = await query(alpaca, "one")
    assert len(found.executions) == 200
    assert sum(each.quantity for each in found.executions) == found.filled_quantity == 2
    assert len({each.execution_id for each in found.executions}) == 200


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"quantity": Decimal(99_999)}, "ALPACA_40310000"),
        ({"symbol": "DOGE/USD"}, "ALPACA_40410000"),
        ({"quantity": Decimal("0.000001")}, "ALPACA_42210000"),
    ],
)
async def test_only_the_venues_own_refusal_is_a_rejection(
    alpaca: AlpacaVenue, order: dict[str, object], code: str
) -> None:
    """It carries the venue's code."""
    answer = await alpaca.port.call(submit("one", **order), "r")
    assert isinstance(answer, OrderRejected)
    assert answer.code == code


@pytest.mark.parametrize(
    ("fault", "orders"),
    [("rate_limited", 0), ("requests_lost", 0), ("answers_lost", 1)],
)
async def test_an_unproven_outcome_is_unknown_and_sent_once(
    venue: TestVenue, alpaca: AlpacaVenue, fault: str, orders: int
) -> None:
    """429 and 504 prove nothing, and the client repeats nothing by itself."""
    venue.plan.set(**{fault: 9, "only": "POST /v2/orders"})
    answer = await alpaca.port.call(submit("one"), "r")
    assert isinstance(answer, OutcomeUnknown)
    assert venue.requests.count("POST /v2/orders") == 1
    venue.plan.clear()
    # The pause that a 429 begins is over.
    alpaca.port.budget = Budget("another", ())
    assert (await query(alpaca, "one")).found == bool(orders)
    assert len(venue.alpaca.orders) == orders


async def test_a_known_id_proves_nothing_but_finds_the_order(
    venue: TestVenue, alpaca: AlpacaVenue
) -> None:
    """Sending again after a lost answer makes no second order, and is no rejection."""
    venue.plan.set(answers_lost=1, only="POST")
    await alpaca.port.call(submit("one"), "r")
    answer = await alpaca.port.call(submit("one"), "again")
    assert isinstance(answer, OutcomeUnknown)
    assert (await query(alpaca, "one")).state is OrderState.FILLED
    assert len(venue.alpaca.orders) == 1


@pytest.mark.parametrize("fault", ["hang_before", "hang_after"])
async def test_the_deadline_holds_when_the_venue_hangs(
    venue: TestVenue, alpaca: AlpacaVenue, fault: str
) -> None:
    """The outcome is unknown, and meanwhile everything else goes on."""
    await alpaca.port.call(submit("resting", limit_price=Decimal(90)), "r")
    venue.plan.set(**{fault: 99, "only": "POST"})
    outcomes = await asyncio.gather(*(alpaca.port.call(submit(f"h{n}"), "r") for n in range(8)))
    assert all(isinstance(each, OutcomeUnknown) for each in outcomes)
    assert (await cancel(alpaca, "resting")).accepted
    assert len(venue.alpaca.orders) == (1 if fault == "hang_before" else 9)


async def test_a_call_without_a_thread_provably_never_left(
    venue: TestVenue, alpaca: AlpacaVenue
) -> None:
    """Behind eight hanging ones it is given up, and not made later either."""
    venue.plan.set(hang_before=8, only="POST")
    hanging = [asyncio.create_task(alpaca.port.call(submit(f"h{n}"), "r")) for n in range(8)]
    await asyncio.to_thread(eventually, lambda: len(venue.requests) == 8, "8 requests")
    with pytest.raises(PortUnavailable, match="no thread was free"):
        await alpaca.port.call(submit("late"), "r")
    await asyncio.gather(*hanging)
    assert "late" not in {each.ticket.client_order_id for each in venue.alpaca.orders.values()}


async def test_a_connection_that_was_never_made_carried_nothing(
    venue: TestVenue, alpaca: AlpacaVenue
) -> None:
    """Nobody listens: the request provably did not leave."""
    venue.stop()
    with pytest.raises(PortUnavailable, match="no connection"):
        await alpaca.port.call(submit("one"), "r")


async def test_a_request_whose_time_is_over_is_not_sent(
    venue: TestVenue, alpaca: AlpacaVenue
) -> None:
    """The thread looks at the time, and at the guard, right before it sends."""
    late = submit("one")
    late = SubmitOrder(session="demo", specification=late.specification, send_by_ns=1)
    with pytest.raises(PortUnavailable, match="SEND_BY_PASSED"):
        await alpaca.port.call(late, "r")
    alpaca.port.guard = lambda request, now_ns: ("KILLED", "by a test")
    with pytest.raises(PortUnavailable, match="KILLED"):
        await alpaca.port.call(submit("two"), "r")
    assert venue.alpaca.orders == {}


async def test_cancels_say_whether_anything_was_open(venue: TestVenue, alpaca: AlpacaVenue) -> None:
    """An open order is cancelled; an ended or unknown one is answered as not open."""
    await alpaca.port.call(submit("resting", limit_price=Decimal(90)), "r")
    answers = [(await cancel(alpaca, each)).accepted for each in ("resting", "resting", "none")]
    assert answers == [True, False, False]
    venue.plan.set(requests_lost=1)
    with pytest.raises(Unproven):
        await cancel(alpaca, "resting")


async def test_what_is_not_there_is_not_found(venue: TestVenue, alpaca: AlpacaVenue) -> None:
    """Only the venue's 404 says so; a failed query says nothing."""
    assert not (await query(alpaca, "none")).found
    venue.plan.set(rate_limited=1)
    with pytest.raises(Unproven):
        await query(alpaca, "none")


async def test_the_account_holds_pairs_as_orders_write_them(alpaca: AlpacaVenue) -> None:
    """Positions leave the slash of a pair out; here it is back."""
    await alpaca.port.call(submit("bought"), "r")
    await alpaca.port.call(submit("open", limit_price=Decimal(90)), "r")
    account = await alpaca.port.call(QueryAccount(session="demo"), "r")
    assert isinstance(account, VenueAccount)
    assert [(each.symbol, each.quantity) for each in account.holdings] == [
        (SYMBOL, Decimal("1.995"))
    ]
    assert [each.client_order_id for each in account.open_orders] == ["open"]
    assert (account.currency, account.cash) == ("USD", Decimal(100_000) - 203)


async def test_one_order_that_cannot_be_read_leaves_the_others_known(
    alpaca: AlpacaVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit order that lacks its price is in doubt by its name; its neighbour is as it was."""
    resting = {"order_type": OrderType.LIMIT, "limit_price": Decimal(90)}
    for name in ("whole", "damaged"):
        await alpaca.port.call(submit(name, **resting), "r")
    asked = alpaca.port.client.get

    def damaged(path: str, query: dict[str, object] | None = None) -> object:
        answer = asked(path, query)
        for each in answer if isinstance(answer, list) else ():
            if each.get("client_order_id") == "damaged":
                each["limit_price"] = None
        return answer

    monkeypatch.setattr(alpaca.port.client, "get", damaged)
    account = await alpaca.port.call(QueryAccount(session="demo"), "a")
    assert isinstance(account, VenueAccount)
    assert {each.client_order_id: each.state for each in account.open_orders} == {
        "whole": OrderState.WORKING,
        "damaged": OrderState.UNKNOWN,
    }


async def test_an_open_order_is_replaced(alpaca: AlpacaVenue) -> None:
    """The new order has the new id and price; an ended one cannot be replaced."""
    await alpaca.port.call(submit("old", limit_price=Decimal(90)), "r")
    new = await alpaca.port.replace("old", "new", limit_price=Decimal(91))
    assert (new.client_order_id, new.state) == ("new", OrderState.WORKING)
    assert (await query(alpaca, "old")).state is OrderState.CANCELLED
    with pytest.raises(Refused):
        await alpaca.port.replace("old", "newer", limit_price=Decimal(92))


async def test_keys_appear_nowhere(venue: TestVenue, alpaca: AlpacaVenue) -> None:
    """Neither in what is printed of the parts nor in what a refusal says."""
    wrong = {"ALPACA_API_KEY": "AKWRONGKEY", "ALPACA_SECRET_KEY": "wrong-secret"}
    merged = Environment({**variables_of(venue), **wrong}, {})
    other = AlpacaVenue.from_environment("demo", merged, live=False)
    answer: Body = await other.port.call(submit("one"), "r")
    assert isinstance(answer, OrderRejected)
    other.close()
    shown = f"{other!r} {alpaca!r} {answer!r}"
    assert not [each for each in (*wrong.values(), *vars(venue.keys).values()) if each in shown]
