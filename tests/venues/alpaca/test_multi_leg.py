"""Orders of several legs, as alpaca-py sees them."""

from typing import Any

import pytest
from tests.instances import eventually
from tests.venues.clients import trading_client
from tests.venues.exchange.hours import Hours
from tests.venues.server import TestVenue

pytestmark = [
    pytest.mark.real,
    # alpaca-py connects through the part of websockets that is to go.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
LONG, SHORT, PUT = "AAPL271217C00200000", "AAPL271217C00210000", "AAPL271217P00190000"


def leg(symbol: str, side: str, ratio: int = 1, what: str = "open") -> dict[str, object]:
    """Return a leg as it is posted."""
    intent = f"{side}_to_{what}"
    return {"symbol": symbol, "side": side, "ratio_qty": str(ratio), "position_intent": intent}


def spread(name: str = "spread", **more: object) -> dict[str, object]:
    """Return a limit order of two call spreads at a net price of 3.10, or what is said."""
    order = {
        "order_class": "mleg",
        "qty": "2",
        "type": "limit",
        "limit_price": "3.10",
        "time_in_force": "day",
        "client_order_id": name,
        "legs": [leg(LONG, "buy"), leg(SHORT, "sell")],
    }
    return {key: value for key, value in {**order, **more}.items() if value is not None}


@pytest.fixture
def quoted(venue: TestVenue) -> TestVenue:
    """Return a venue that offers the spread at 5.10 - 2.00 = 3.10."""
    venue.alpaca.quote(LONG, [("5", "9")], [("5.1", "9")])
    venue.alpaca.quote(SHORT, [("2", "9")], [("2.1", "9")])
    return venue


def test_the_clients_own_request_is_taken_and_its_answer_read(
    quoted: TestVenue, updates: list[dict[str, Any]]
) -> None:
    """The parent has neither symbol nor side; each leg has its id, ratio, intent and fills."""
    from alpaca.trading.enums import OrderClass, OrderSide, PositionIntent, TimeInForce
    from alpaca.trading.requests import LimitOrderRequest, OptionLegRequest

    client = trading_client(quoted)
    legs = [
        OptionLegRequest(symbol=LONG, ratio_qty=1, position_intent=PositionIntent.BUY_TO_OPEN),
        OptionLegRequest(symbol=SHORT, ratio_qty=1, side=OrderSide.SELL,
                         position_intent=PositionIntent.SELL_TO_OPEN),
    ]  # fmt: skip
    taken: Any = client.submit_order(
        LimitOrderRequest(
            qty=2,
            limit_price=3.1,
            order_class=OrderClass.MLEG,
            time_in_force=TimeInForce.DAY,
            client_order_id="spread",
            legs=legs,
        )
    )
    found: Any = client.get_order_by_client_id("spread")
    assert (taken.id, taken.symbol, taken.side) == (found.id, None, None)
    assert (taken.filled_qty, [each.filled_qty for each in taken.legs]) == ("0", ["0", "0"])
    assert (found.filled_qty, found.filled_avg_price, found.limit_price) == ("2", "3.1", "3.1")
    assert [
        (each.symbol, each.filled_qty, each.filled_avg_price, each.ratio_qty) for each in found.legs
    ] == [(LONG, "2", "5.1", "1"), (SHORT, "2", "2", "1")]
    assert [each.position_intent.value for each in found.legs] == ["buy_to_open", "sell_to_open"]
    assert len({found.id, *(each.id for each in found.legs)}) == 3
    held = {each.symbol: each.qty for each in client.get_all_positions()}
    assert held == {LONG: "2", SHORT: "-2"}
    eventually(lambda: len(updates) == 3, "three updates")
    assert [each["event"] for each in updates] == ["pending_new", "new", "fill"]
    told = updates[2]["order"]
    assert (told["symbol"], told["position_intent"], updates[2]["price"]) == ("", "", "3.1")
    assert [each["filled_qty"] for each in told["legs"]] == ["2", "2"]


def test_the_account_records_each_leg_under_its_own_order(quoted: TestVenue) -> None:
    """Fills carry the leg's order, not the parent's."""
    client = trading_client(quoted)
    client.post("/orders", spread())
    found: Any = client.get_order_by_client_id("spread")
    fills: Any = client.get("/account/activities/FILL")
    assert {(each["order_id"], each["symbol"], each["cum_qty"]) for each in fills} == {
        (str(each.id), each.symbol, "2") for each in found.legs
    }


def test_a_net_price_is_honoured(quoted: TestVenue) -> None:
    """A cent below what the legs cost it waits, and fills when one of them gets cheaper."""
    client = trading_client(quoted)
    client.post("/orders", spread(limit_price="3.09"))
    assert quoted.alpaca.executions == []
    quoted.alpaca.quote(LONG, [("5", "9")], [("5.09", "9")])
    assert client.get_order_by_client_id("spread").filled_avg_price == "3.09"


def test_structures_are_traded_in_the_regular_session(quoted: TestVenue) -> None:
    """As single options are: before it they wait, and after it their day is over."""
    client = trading_client(quoted)
    quoted.alpaca.turn(Hours.BEFORE)
    client.post("/orders", spread())
    client.post("/orders", spread("dear", limit_price="1"))
    assert quoted.alpaca.executions == []
    quoted.alpaca.turn(Hours.REGULAR)
    assert client.get_order_by_client_id("spread").filled_qty == "2"
    quoted.alpaca.turn(Hours.AFTER)
    assert client.get_order_by_client_id("dear").status.value == "expired"


def test_a_credit_is_a_price_below_nothing(quoted: TestVenue) -> None:
    """The spread sold for at least 2.90: it waits for a better bid, and pays into the account."""
    client = trading_client(quoted)
    client.post("/orders", spread("opened"))
    legs = [leg(LONG, "sell", what="close"), leg(SHORT, "buy", what="close")]
    client.post("/orders", spread("closed", legs=legs, limit_price="-2.91"))
    assert client.get_order_by_client_id("closed").filled_qty == "0"
    quoted.alpaca.quote(LONG, [("5.02", "9")], [("5.1", "9")])
    assert client.get_order_by_client_id("closed").filled_avg_price == "-2.92"
    assert client.get_all_positions() == []


def test_legs_are_filled_in_whole_structures(quoted: TestVenue) -> None:
    """With three contracts of a leg of which each structure needs two, one structure is filled."""
    client = trading_client(quoted)
    quoted.alpaca.quote(LONG, [("5", "9")], [("5.1", "3")])
    legs = [leg(LONG, "buy", 2), leg(SHORT, "sell")]
    client.post("/orders", spread(legs=legs, limit_price="9"))
    found: Any = client.get_order_by_client_id("spread")
    assert (found.filled_qty, found.status.value) == ("1", "partially_filled")
    assert [each.filled_qty for each in found.legs] == ["2", "1"]
    quoted.alpaca.quote(LONG, [("5", "9")], [("5.2", "9")])
    found = client.get_order_by_client_id("spread")
    assert (found.filled_qty, found.filled_avg_price) == ("2", "8.3")


def test_a_cancel_ends_the_legs_with_their_order(
    quoted: TestVenue, updates: list[dict[str, Any]]
) -> None:
    """Told once; a leg is not cancelled by itself."""
    from alpaca.common.exceptions import APIError

    client = trading_client(quoted)
    client.post("/orders", spread(limit_price="1"))
    found: Any = client.get_order_by_client_id("spread")
    with pytest.raises(APIError) as caught:
        client.cancel_order_by_id(found.legs[0].id)
    assert caught.value.status_code == 422
    client.cancel_order_by_id(found.id)
    found = client.get_order_by_client_id("spread")
    assert [each.status.value for each in (found, *found.legs)] == ["canceled"] * 3
    eventually(lambda: len(updates) == 3, "three updates")
    assert updates[2]["event"] == "canceled"
    assert [each["status"] for each in updates[2]["order"]["legs"]] == ["canceled"] * 2


def test_open_orders_are_listed_with_or_without_their_legs(quoted: TestVenue) -> None:
    """Nested, there is one; else each leg is listed beside it."""
    from alpaca.trading.requests import GetOrdersRequest

    client = trading_client(quoted)
    client.post("/orders", spread(limit_price="1"))
    nested: Any = client.get_orders(GetOrdersRequest(nested=True))
    assert [(each.client_order_id, len(each.legs)) for each in nested] == [("spread", 2)]
    flat: Any = client.get_orders(GetOrdersRequest(nested=False))
    assert sorted(str(each.symbol) for each in flat) == [LONG, SHORT, "None"]
    quoted.alpaca.end_day()
    assert client.get_orders() == []
    assert client.get_order_by_client_id("spread").status.value == "expired"


def test_a_replacement_has_new_legs(quoted: TestVenue) -> None:
    """At another price, for fewer structures; the old order and its legs have ended."""
    from alpaca.trading.requests import ReplaceOrderRequest

    client = trading_client(quoted)
    client.post("/orders", spread(limit_price="1"))
    old: Any = client.get_order_by_client_id("spread")
    request = ReplaceOrderRequest(qty=1, limit_price=3.2, client_order_id="other")
    client.replace_order_by_id(old.id, request)
    old, new = (client.get_order_by_client_id(each) for each in ("spread", "other"))
    assert [each.status.value for each in (old, *old.legs)] == ["replaced"] * 3
    assert (new.filled_qty, [each.filled_qty for each in new.legs]) == ("1", ["1", "1"])
    assert not {each.id for each in old.legs} & {each.id for each in new.legs}


@pytest.mark.parametrize(
    ("asked", "status", "reason"),
    [
        (spread(legs=[leg(LONG, "sell"), leg(PUT, "sell")]), 403, "uncovered"),
        (spread(legs=[leg(LONG, "buy"), leg(SHORT, "sell", 2)]), 403, "uncovered"),
        (spread(legs=[leg(LONG, "buy", 2), leg(SHORT, "sell", 2)]), 422, "common divisor"),
        (spread(legs=[leg(LONG, "buy")]), 422, "2 to 4 legs"),
        (spread(legs=[leg(LONG, "buy")] * 5), 422, "2 to 4 legs"),
        (spread(legs=[leg(LONG, "buy"), leg(LONG, "sell")]), 422, "different symbols"),
        (spread(legs=[leg(LONG, "buy"), leg("SPY271217C00600000", "sell")]), 422, "underlying"),
        (spread(legs=[leg(LONG, "buy"), leg("AAPL", "sell")]), 422, "must be options"),
        (spread(legs=[leg(LONG, "sell", what="close"), leg(PUT, "buy")]), 403, "available: 0"),
        (spread(qty="400"), 403, "buying power"),
        (spread(time_in_force="gtc"), 422, "time_in_force"),
        (spread(type="stop", stop_price="3"), 422, "market or limit"),
        (spread(limit_price=None), 422, "limit price"),
        (spread(limit_price="3.105"), 422, "multiple"),
        (spread(symbol="AAPL"), 422, "symbol and side"),
        (spread("known"), 422, "client_order_id"),
    ],
)
def test_what_the_venue_does_not_take(
    quoted: TestVenue, asked: dict[str, object], status: int, reason: str
) -> None:
    """Refused whole, with a sentence; nothing of it is at the venue."""
    from alpaca.common.exceptions import APIError

    client = trading_client(quoted)
    client.post("/orders", spread("known", limit_price="0.01", qty="1"))
    before = len(quoted.alpaca.orders)
    with pytest.raises(APIError, match=reason) as caught:
        client.post("/orders", asked)
    assert caught.value.status_code == status
    assert len(quoted.alpaca.orders) == before


def test_a_lost_answer_has_left_the_whole_order(quoted: TestVenue) -> None:
    """504 after accepting: the order and both legs are there, once."""
    client = trading_client(quoted)
    client._retry_codes = []
    quoted.plan.set(answers_lost=1, only="POST /v2/orders")
    with pytest.raises(Exception, match="504"):
        client.post("/orders", spread())
    assert client.get_order_by_client_id("spread").filled_qty == "2"
    assert len(quoted.alpaca.orders) == 3


def test_a_refusal_may_come_after_the_answer(
    quoted: TestVenue, updates: list[dict[str, Any]]
) -> None:
    """Taken, and then rejected with its legs."""
    quoted.plan.set(refused=1, refusal_code="later", refusal_reason="no")
    trading_client(quoted).post("/orders", spread())
    eventually(lambda: len(updates) == 2, "two updates")
    assert updates[1]["event"] == "rejected"
    assert [each["status"] for each in updates[1]["order"]["legs"]] == ["rejected"] * 2


def test_the_broker_closes_one_leg_by_itself(quoted: TestVenue) -> None:
    """By an order that no client sent: the other leg stays alone."""
    import requests

    client = trading_client(quoted)
    client.post("/orders", spread())
    told = requests.post(f"{quoted.http}/venue/close", json={"symbol": SHORT}, timeout=30)
    assert told.status_code == 204
    assert [(each.symbol, each.qty) for each in client.get_all_positions()] == [(LONG, "2")]
    orders: Any = client.get("/orders", {"status": "all"})
    assert (orders[0]["symbol"], orders[0]["client_order_id"] == "spread") == (SHORT, False)
