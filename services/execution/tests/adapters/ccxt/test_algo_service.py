"""What Binance says of orders that wait, read through ccxt: their state, and what they became."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.venues.binance.answered import CONTRACT, answer

from tidegate_chassis.security.secrets import Secret
from tidegate_chassis.venues.exchanges import Access
from tidegate_contracts.execution import OrderState, OrderType
from tidegate_execution.adapters.ccxt.algo_service import (
    PAGE_MAX,
    AlgoService,
    NotNamed,
    waiting_order,
)
from tidegate_execution.adapters.ccxt.client import Client, client_of
from tidegate_execution.adapters.ccxt.orders import Document
from tidegate_execution.adapters.ccxt.outcomes import Unproven
from tidegate_execution.adapters.ccxt.port import CcxtPort

KEYS = {"apiKey": Secret("key"), "secret": Secret("secret")}
OURS = "tg-abcdefghijklmnopqrstuvwxyz"
SYMBOL = "BTC/USDT:USDT"
LONG_AGO_MS = 60_000
# As Binance documents the answer of Query Algo Order.
WAITS: dict[str, Any] = {
    "algoId": 2146760,
    "clientAlgoId": OURS,
    "algoType": "CONDITIONAL",
    "orderType": "STOP",
    "symbol": "BTCUSDT",
    "side": "SELL",
    "positionSide": "BOTH",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "algoStatus": "NEW",
    "actualOrderId": "",
    "actualPrice": "0.00000",
    "triggerPrice": "750.000",
    "price": "740.000",
    "icebergQuantity": None,
    "tpOrderType": "",
    "selfTradePreventionMode": "EXPIRE_MAKER",
    "workingType": "CONTRACT_PRICE",
    "priceMatch": "NONE",
    "closePosition": False,
    "priceProtect": False,
    "reduceOnly": True,
    "createTime": 1750485492076,
    "updateTime": 1750514545091,
    "triggerTime": 0,
    "goodTillDate": 0,
}
LISTED = "/fapi/v1/allAlgoOrders"


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Return the loop of a client that is used by several tests."""
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(loop: asyncio.AbstractEventLoop) -> Client:
    """Return a client that knows its markets; it is answered beneath ccxt."""
    made = client_of(Access("binance", "usdm", testnet=False, credentials=KEYS))
    answer(made, {"/fapi/v1/exchangeInfo": {"symbols": [CONTRACT]}})
    made.options["adjustForTimeDifference"] = False
    loop.run_until_complete(made.load_markets())
    return made


@pytest.fixture
def service(client: Client) -> AlgoService:
    """Return what waits in an account."""
    made = CcxtPort(client, "demo", "binance", True, (SYMBOL,)).algo  # noqa: FBT003
    assert made is not None
    return made


def found(service: AlgoService, loop: asyncio.AbstractEventLoop, **changes: object) -> Document:
    """Ask for the order that waits."""
    answer(service.client, {"/fapi/v1/algoOrder": {**WAITS, **changes}})
    order = loop.run_until_complete(service.find(OURS, SYMBOL))
    assert order is not None
    return order


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("NEW", OrderState.WORKING),
        ("TRIGGERING", OrderState.WORKING),
        ("CANCELED", OrderState.CANCELLED),
        ("EXPIRED", OrderState.EXPIRED),
        ("REJECTED", OrderState.REJECTED),
        ("TRIGGERED", None),
        ("FINISHED", None),
        ("SOMETHING_NEW", None),
    ],
)
def test_what_waits_is_open_and_what_it_became_is_another_orders_word(
    service: AlgoService, loop: asyncio.AbstractEventLoop, status: str, state: OrderState | None
) -> None:
    """Ccxt calls a triggered order closed; of it nothing is proven before its number is known."""
    told = found(service, loop, algoStatus=status)
    if state is None:
        with pytest.raises(Unproven, match=status):
            waiting_order(told, "binance")
        return
    order = waiting_order(told, "binance")
    assert (order.client_order_id, order.state) == (OURS, state)
    assert order.filled_quantity == 0
    assert order.specification is not None
    assert order.specification.order_type == OrderType.STOP_LIMIT
    assert str(order.specification.trigger_price) == "750.000"


@pytest.mark.parametrize("name", ["algoId", "algoStatus", "actualOrderId", "side", "updateTime"])
def test_an_answer_that_lacks_what_counts_proves_nothing(
    service: AlgoService, loop: asyncio.AbstractEventLoop, name: str
) -> None:
    """Above all not that an order has become no other."""
    with pytest.raises(Unproven, match=name):
        found(service, loop, **{name: None})


def owner(
    service: AlgoService,
    loop: asyncio.AbstractEventLoop,
    listed: list[dict[str, Any]],
    age_ms: int = 0,
) -> str:
    """Ask whose a sale is that the venue calls by a name of its own."""
    answer(service.client, {LISTED: listed})
    at_ms = time.time_ns() // 1_000_000 - age_ms
    order = {
        "id": "8886774",
        "clientOrderId": "x-venue",
        "symbol": SYMBOL,
        "side": "sell",
        "lastUpdateTimestamp": at_ms,
    }
    return loop.run_until_complete(service.owner_of(order))


def now(**changes: object) -> dict[str, Any]:
    """Return an order that was let wait just now."""
    return {**WAITS, "createTime": time.time_ns() // 1_000_000, **changes}


def test_what_one_of_ours_has_become_is_ours(
    service: AlgoService, loop: asyncio.AbstractEventLoop
) -> None:
    """However long ago; and it is asked for once."""
    became = now(algoStatus="FINISHED", actualOrderId="8886774")
    assert owner(service, loop, [now(), became], LONG_AGO_MS) == OURS
    assert owner(service, loop, []) == OURS


def test_what_was_triggered_just_now_is_nobodys_for_some_seconds(
    service: AlgoService, loop: asyncio.AbstractEventLoop
) -> None:
    """The service may name it a moment later; after that it is somebody else's."""
    with pytest.raises(NotNamed):
        owner(service, loop, [now()])
    assert owner(service, loop, [now()], LONG_AGO_MS) == "x-venue"


@pytest.mark.parametrize(
    "other",
    [
        {"side": "BUY"},
        {"clientAlgoId": "web_1"},
        {"algoStatus": "CANCELED"},
        {"actualOrderId": "7"},
    ],
)
def test_an_order_that_cannot_have_become_it_is_no_excuse(
    service: AlgoService, loop: asyncio.AbstractEventLoop, other: dict[str, object]
) -> None:
    """Another side, another's, one that has ended, or one that has become another: no delay."""
    assert owner(service, loop, [now(**other)]) == "x-venue"


def test_a_full_page_is_not_the_whole_list(
    service: AlgoService, loop: asyncio.AbstractEventLoop
) -> None:
    """What is not listed may still be ours then."""
    with pytest.raises(Unproven, match="full page"):
        owner(service, loop, [now()] * PAGE_MAX, LONG_AGO_MS)


def test_the_stream_names_what_an_order_has_become(
    service: AlgoService, loop: asyncio.AbstractEventLoop
) -> None:
    """Nothing has to be asked for then."""
    service.hear({"info": {"caid": OURS, "aid": 2146760, "ai": "8886774"}})
    assert owner(service, loop, []) == OURS
