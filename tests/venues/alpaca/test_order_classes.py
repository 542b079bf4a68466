"""OCO, bracket and OTO orders of the test venue, through alpaca-py."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.venues.clients import trading_client
from tests.venues.server import TestVenue

SYMBOL = "AAPL"
BIDS, ASKS = [("100", "9")], [("101", "9")]
EXITS = {"take_profit": {"limit_price": "120"}, "stop_loss": {"stop_price": "80"}}


def order(name: str, **changes: object) -> dict[str, object]:
    """Return an order of 2 shares at the market."""
    usual = {"symbol": SYMBOL, "qty": "2", "side": "buy", "type": "market", "time_in_force": "gtc"}
    return {**usual, "client_order_id": name, **changes}


def either(name: str, **changes: object) -> dict[str, object]:
    """Return a target and a stop for 2 shares that are held."""
    pair = {"side": "sell", "type": "limit", "order_class": "oco", **EXITS}
    return order(name, **{**pair, **changes})


@pytest.fixture
def client(venue: TestVenue) -> Any:
    """Return a client of an account that holds 2 shares."""
    made = trading_client(venue)
    venue.alpaca.quote(SYMBOL, BIDS, ASKS)
    made.post("/orders", order("held"))
    return made


def nested(client: Any, placed: dict[str, Any]) -> Any:
    """Return an order with what hangs on it."""
    from alpaca.trading.requests import GetOrderByIdRequest

    return client.get_order_by_id(placed["id"], GetOrderByIdRequest(nested=True))


def statuses(client: Any, placed: dict[str, Any]) -> list[str]:
    """Return the status of an order, and of what hangs on it."""
    found = nested(client, placed)
    return [each.status.value for each in (found, *found.legs)]


def test_a_stop_hangs_on_its_target(client: Any) -> None:
    """It has ids of the venue's; flat lists and the client's id do not tell whose it is."""
    from alpaca.trading.enums import OrderClass, OrderSide, TimeInForce
    from alpaca.trading.requests import (
        GetOrdersRequest,
        LimitOrderRequest,
        StopLossRequest,
        TakeProfitRequest,
    )

    asked = LimitOrderRequest(
        symbol=SYMBOL,
        qty=2,
        side=OrderSide.SELL,
        time_in_force=TimeInForce.GTC,
        order_class=OrderClass.OCO,
        take_profit=TakeProfitRequest(limit_price=120),
        stop_loss=StopLossRequest(stop_price=80),
        client_order_id="pair",
    )
    placed = client.submit_order(asked)
    assert statuses(client, {"id": placed.id}) == ["new", "held"]
    found = nested(client, {"id": placed.id})
    (stop,) = found.legs
    assert (found.client_order_id, found.limit_price, stop.stop_price) == ("pair", "120", "80")
    assert stop.client_order_id != "pair"
    assert client.get_order_by_client_id("pair").legs is None
    flat = client.get_orders(GetOrdersRequest(nested=False))
    assert {each.id for each in flat} == {found.id, stop.id}
    assert len(client.get_orders(GetOrdersRequest(nested=True))) == 1


def test_the_one_that_fills_ends_the_other(venue: TestVenue, client: Any) -> None:
    """In part it leaves the other the rest; the stop works from the moment it is touched."""
    placed = client.post("/orders", either("pair"))
    venue.alpaca.quote(SYMBOL, [("120", "1"), ("79", "9")], [("121", "9")])
    assert [each.qty for each in nested(client, placed).legs] == ["1"]
    venue.alpaca.trade(SYMBOL, "80")
    assert statuses(client, placed) == ["canceled", "filled"]
    assert client.get_all_positions() == []


@pytest.mark.parametrize("whose", ["target", "stop"])
def test_who_cancels_one_cancels_both(client: Any, whose: str) -> None:
    """Whichever is named."""
    placed = client.post("/orders", either("pair"))
    found = nested(client, placed)
    client.cancel_order_by_id(found.id if whose == "target" else found.legs[0].id)
    assert statuses(client, placed) == ["canceled", "canceled"]


def test_exits_wait_until_their_entry_has_filled_whole(venue: TestVenue, client: Any) -> None:
    """Partly filled it is not protected; then the target rests and the stop is held."""
    priced = order("entry", type="limit", limit_price="99", order_class="bracket", **EXITS)
    placed = client.post("/orders", priced)
    venue.alpaca.quote(SYMBOL, [("98", "9")], [("99", "1")])
    assert statuses(client, placed) == ["partially_filled", "held", "held"]
    venue.alpaca.quote(SYMBOL, [("98", "9")], [("99", "1")])
    assert statuses(client, placed) == ["filled", "new", "held"]
    venue.alpaca.trade(SYMBOL, "80")
    assert statuses(client, placed) == ["filled", "canceled", "filled"]


def test_a_cancelled_entry_has_no_exits(client: Any) -> None:
    """They end with it."""
    exit_ = {"stop_loss": EXITS["stop_loss"]}
    priced = order("entry", type="limit", limit_price="99", order_class="oto", **exit_)
    placed = client.post("/orders", priced)
    client.cancel_order_by_id(placed["id"])
    assert statuses(client, placed) == ["canceled", "canceled"]


def test_who_cancels_an_exit_cancels_the_group(client: Any) -> None:
    """While the entry is open it goes too."""
    priced = order("entry", type="limit", limit_price="99", order_class="bracket", **EXITS)
    placed = client.post("/orders", priced)
    client.cancel_order_by_id(nested(client, placed).legs[1].id)
    assert statuses(client, placed) == ["canceled"] * 3


def test_the_answer_shows_exits_that_are_held(client: Any) -> None:
    """Though the entry has filled when it is sent, and its target works."""
    placed = client.post("/orders", order("entry", order_class="bracket", **EXITS))
    assert [each["status"] for each in placed["legs"]] == ["held", "held"]
    assert statuses(client, placed) == ["filled", "new", "held"]


def test_a_target_that_fills_at_once_leaves_no_stop(venue: TestVenue, client: Any) -> None:
    """The entry has filled late, where the target already is."""
    market = {**order("entry", order_class="bracket", **EXITS), "qty": "12"}
    placed = client.post("/orders", market)
    venue.alpaca.quote(SYMBOL, [("120", "99")], [("121", "99")])
    assert statuses(client, placed) == ["filled", "filled", "canceled"]


@pytest.mark.parametrize(("listed", "count"), [(True, 2), (False, 0)])
def test_a_nested_list_may_leave_exits_out(
    venue: TestVenue, client: Any, *, listed: bool, count: int
) -> None:
    """Once their entry has filled, it lists nothing that they could hang on."""
    from alpaca.trading.requests import GetOrdersRequest

    venue.trading.lists_exits = listed
    client.post("/orders", order("entry", order_class="bracket", **EXITS))
    assert len(client.get_orders(GetOrdersRequest(nested=True))) == count
    assert len(client.get_orders(GetOrdersRequest(nested=False))) == 2


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (either("a", qty="0.5"), "fractional orders must be simple orders"),
        (either("a", symbol="BTC/USD"), "oco orders are for equities only"),
        (either("a", time_in_force="ioc"), "oco orders must be DAY or GTC orders"),
        (either("a", type="market"), "oco orders must be limit orders"),
        (either("a", stop_loss=None), "oco orders require stop_loss.stop_price"),
        (either("a", take_profit={"limit_price": "80"}), "take_profit.limit_price must be >"),
        (either("a", extended_hours=True), "extended hours orders must be simple orders"),
        (either("a", stop_loss={"stop_price": "110"}), "stop_loss.stop_price must be <="),
        (order("a", order_class="bracket", take_profit=EXITS["take_profit"]), "bracket orders"),
        (order("a", order_class="oto", **EXITS), "oto orders require one of"),
        (order("a", order_class="trio"), "invalid order_class"),
        (
            order("a", order_class="oto", stop_loss={"stop_price": "101"}),
            "stop_loss.stop_price must be <= base_price - 0.01",
        ),
        (
            order("a", order_class="oto", take_profit={"limit_price": "99"}),
            "take_profit.limit_price must be >= base_price",
        ),
        (
            order("a", order_class="oto", stop_loss={"stop_price": "80.001"}),
            "price 80.001 is not a multiple of 0.01",
        ),
    ],
)
def test_what_exits_may_be_is_checked(client: Any, asked: dict[str, object], sentence: str) -> None:
    """422, and nothing rests."""
    from alpaca.common.exceptions import APIError

    with pytest.raises(APIError, match=sentence) as caught:
        client.post("/orders", {name: value for name, value in asked.items() if value is not None})
    assert caught.value.status_code == 422
    assert client.get_orders() == []


def test_only_what_is_held_can_be_left(client: Any) -> None:
    """An OCO is an exit: more than is held is refused."""
    from alpaca.common.exceptions import APIError

    with pytest.raises(APIError, match="insufficient qty available") as caught:
        client.post("/orders", either("a", qty="3"))
    assert caught.value.status_code == 403
    assert Decimal(client.get_open_position(SYMBOL).qty) == 2
