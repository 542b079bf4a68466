"""Recorded answers of Binance through ccxt: what is missing is told by Binance's own name for it.

ccxt makes something of what is missing, so each field that it reads is required before what it has
read is believed; a field whose absence changes what is read is required or in `OPTIONAL`, with why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.venues.binance.answered import CONTRACT, answer, spot_market
from tests.venues.recording_decisions import Reader
from tests.venues.recordings import Json, Payload, Reading, check_reading, read_by

from tidegate_chassis.security.secrets import Secret
from tidegate_chassis.venues.exchanges import Access
from tidegate_contracts.execution import (
    OrderAccepted,
    OrderSpecification,
    OrderState,
    OrderType,
    OutcomeUnknown,
    QueryAccount,
    Side,
    SubmitOrder,
    VenueAccount,
)
from tidegate_execution.adapters.ccxt.client import client_of
from tidegate_execution.adapters.ccxt.outcomes import Unproven
from tidegate_execution.adapters.ccxt.port import CcxtPort

Read = Callable[[Json, Json], object]
Call = Callable[[CcxtPort], Coroutine[Any, Any, object]]
KEYS = {"apiKey": Secret("key"), "secret": Secret("secret")}
SPOT_MARKETS = (("LTC", "BTC"), ("BNB", "BTC"), ("ETH", "BTC"), ("BTC", "USDT"), ("ETH", "USDT"))
ORDER = (
    "symbol",
    "orderId",
    "clientOrderId",
    "price",
    "origQty",
    "executedQty",
    "status",
    "type",
    "side",
    "updateTime",
)
TRADE = ("symbol", "orderId", "id", "price", "qty", "commission", "commissionAsset", "time")
BALANCES = ("balances", *(f"balances.*.{each}" for each in ("asset", "free", "locked")))
REQUIRED: dict[Reader, tuple[str, ...]] = {
    Reader.BINANCE_ORDER: ORDER,
    Reader.CONTRACT_ORDER: ORDER,
    Reader.BINANCE_ORDERS: tuple(f"*.{each}" for each in ORDER),
    Reader.BINANCE_PLACED: ("symbol", "orderId"),
    Reader.BINANCE_TRADES: tuple(f"*.{each}" for each in (*TRADE, "isMaker")),
    Reader.BINANCE_ACCOUNT: BALANCES,
    Reader.CONTRACT_ACCOUNT: ("assets", "assets.*.asset", "assets.*.marginBalance"),
    Reader.CONTRACT_POSITIONS: tuple(
        f"*.{each}" for each in ("symbol", "positionAmt", "notional", "entryPrice")
    ),
    Reader.BINANCE_HEARD: tuple(f"{start}{each}" for start in ("", "event.") for each in "sci"),
    Reader.CONTRACT_HEARD: ("o", "o.s", "o.c", "o.i"),
}
LOOP = asyncio.new_event_loop()
NO_KIND = "a message that says no kind is nobody's; an order that does not ring is missed in 5 s"
OPTIONAL: dict[Reader, dict[str, str]] = {
    Reader.BINANCE_HEARD: {"e": NO_KIND, "event": NO_KIND, "event.e": NO_KIND},
    Reader.CONTRACT_HEARD: {"e": NO_KIND},
}


@cache
def port(*, contracts: bool) -> CcxtPort:
    """Return a session's port that knows its markets; every request is answered beneath ccxt."""
    market = "usdm" if contracts else "spot"
    access = Access("binance", market, testnet=False, credentials=KEYS)
    client = client_of(access)
    listed = [CONTRACT] if contracts else [spot_market(*each) for each in SPOT_MARKETS]
    path = "/fapi/v1/exchangeInfo" if contracts else "/api/v3/exchangeInfo"
    documents: dict[str, Json] = {path: {"symbols": listed}}
    documents |= {f"{place}/time": {"serverTime": 1} for place in ("/fapi/v1", "/api/v3")}
    answer(client, documents)
    client.options["adjustForTimeDifference"] = False
    LOOP.run_until_complete(client.load_markets())
    symbol = "BTC/USDT:USDT" if contracts else "LTC/BTC"
    return CcxtPort(client, "demo", "binance", contracts, (symbol,))


def ran(call: Call, documents: dict[str, Json], *, contracts: bool = False) -> object:
    """Return what a call of the port ends with."""
    made = port(contracts=contracts)
    answer(made.client, documents)
    return LOOP.run_until_complete(call(made))


def symbol_of(recorded: Json, *, contracts: bool = False) -> str:
    """Return what ccxt calls the market of a recorded order."""
    return str(port(contracts=contracts).client.safe_symbol(recorded["symbol"]))


def order(recorded: Json, now: Json) -> object:
    """Ask for an order."""
    name, symbol = recorded["clientOrderId"], symbol_of(recorded)
    return ran(lambda p: p.query(name, symbol), {"/api/v3/order": now})


def contract_order(recorded: Json, now: Json) -> object:
    """Ask for an order of contracts."""
    name = recorded["clientOrderId"]
    documents = {"/fapi/v1/order": now}
    return ran(lambda p: p.query(name, "BTC/USDT:USDT"), documents, contracts=True)


def account(p: CcxtPort) -> Coroutine[Any, Any, object]:
    """Ask for the account."""
    return p.call(QueryAccount(), "r")


def open_orders(_: Json, now: Json) -> object:
    """Ask for the account with open orders; what is said of one in doubt is raised."""
    documents = {"/api/v3/account": {"balances": []}, "/api/v3/openOrders": now}
    with capture_logs() as said:
        found = ran(account, documents)
    assert isinstance(found, VenueAccount)
    doubtful = [each for each in found.open_orders if each.state is OrderState.UNKNOWN]
    assert len(doubtful) == len(said)
    if said:
        raise Unproven(said[0]["error"])
    return timeless(found)


def spot_account(_: Json, now: Json) -> object:
    """Ask for cash and what is held."""
    return timeless(ran(account, {"/api/v3/account": now, "/api/v3/openOrders": []}))


def contract_documents(held: Json, positions: Json) -> dict[str, Json]:
    """Return what is asked for of an account of contracts."""
    empty = ("openOrders", "openAlgoOrders", "leverageBracket")
    found: dict[str, Json] = {f"/fapi/v1/{each}": [] for each in empty}
    for version in ("v2", "v3"):
        found[f"/fapi/{version}/account"] = held
        found[f"/fapi/{version}/positionRisk"] = positions
    return found


def contract_account(_: Json, now: Json) -> object:
    """Ask for cash of an account of contracts."""
    return timeless(ran(account, contract_documents(now, []), contracts=True))


def positions(_: Json, now: Json) -> object:
    """Ask for the contracts that are held."""
    return timeless(ran(account, contract_documents({"assets": []}, now), contracts=True))


def trades(recorded: Json, now: Json) -> object:
    """Ask for the order that the recorded trades are of."""
    first = recorded[0]
    of_it = {
        "symbol": first["symbol"],
        "orderId": first["orderId"],
        "clientOrderId": "a",
        "price": first["price"],
        "origQty": first["qty"],
        "executedQty": first["qty"],
        "status": "FILLED",
        "type": "LIMIT",
        "side": "BUY",
        "time": 1,
        "updateTime": 1,
    }
    symbol = symbol_of(first)
    return ran(lambda p: p.query("a", symbol), {"/api/v3/order": of_it, "/api/v3/myTrades": now})


def placed(_: Json, now: Json) -> object:
    """Place an order; an unknown outcome is raised, to be like every other."""
    request = SubmitOrder(
        specification=OrderSpecification(
            client_order_id="a",
            venue="binance",
            symbol="BTC/USDT",
            side=Side.SELL,
            order_type=OrderType.MARKET,
            quantity=Decimal(10),
        )
    )
    outcome = ran(lambda p: p.call(request, "r"), {"/api/v3/order": now})
    if isinstance(outcome, OutcomeUnknown):
        raise Unproven(outcome.reason)
    assert isinstance(outcome, OrderAccepted)
    return outcome.venue_order_id


def heard(now: Json, url: str, *, contracts: bool) -> object:
    """Hear a message of the private stream, and return which orders ring."""
    client = port(contracts=contracts).client
    client.orders = None

    async def hear() -> object:
        stream = client.client(url)
        told = stream.future("orders")
        client.handle_message(stream, client.parse_json(client.json(now)))
        if not told.done():
            return None
        return [(each["clientOrderId"], each["symbol"]) for each in told.result()]

    try:
        return LOOP.run_until_complete(hear())
    finally:
        client.clients.clear()


def spot_heard(_: Json, now: Json) -> object:
    """Hear of a spot order."""
    return heard(now, "wss://stream.binance.com:9443/ws/1", contracts=False)


def contract_heard(_: Json, now: Json) -> object:
    """Hear of an order of contracts."""
    return heard(now, "wss://fstream.binance.com/private/ws", contracts=True)


def timeless(found: Json) -> object:
    """Return an account without the time at which it was asked for."""
    return found.open_orders, found.holdings, found.currency, found.cash


READ: dict[Reader, Read] = {
    Reader.BINANCE_ORDER: order,
    Reader.CONTRACT_ORDER: contract_order,
    Reader.BINANCE_ORDERS: open_orders,
    Reader.BINANCE_PLACED: placed,
    Reader.BINANCE_TRADES: trades,
    Reader.BINANCE_ACCOUNT: spot_account,
    Reader.CONTRACT_ACCOUNT: contract_account,
    Reader.CONTRACT_POSITIONS: positions,
    Reader.BINANCE_HEARD: spot_heard,
    Reader.CONTRACT_HEARD: contract_heard,
}


@pytest.mark.parametrize("payload", read_by(*READ))
def test_a_recorded_payload_is_read_or_told_why_not(payload: Payload) -> None:
    """Nothing is concluded from a payload that lacks what counts."""
    reader = payload.decision
    assert isinstance(reader, Reader)
    reading = Reading(
        lambda now: READ[reader](payload.body, now),
        Unproven,
        REQUIRED[reader],
        OPTIONAL.get(reader, ()),
    )
    check_reading(payload.body, reading)
