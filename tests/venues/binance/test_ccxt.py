"""What ccxt.pro sees of the venue."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.instances import eventually
from tests.venues.clients import binance
from tests.venues.exchange.tape import PublishedBar
from tests.venues.server import TestVenue

pytestmark = pytest.mark.real
BIDS, ASKS = [("100", "5")], [("101", "1"), ("102", "5")]
KINDS = pytest.mark.parametrize("contracts", [False, True], ids=["spot", "usdm"])


@pytest.fixture
async def client(venue: TestVenue, *, contracts: bool) -> AsyncIterator[Any]:
    """Return a client with its markets loaded, in front of a book with liquidity."""
    made = binance(venue, contracts=contracts)
    (venue.usdm if contracts else venue.spot).quote("BTCUSDT", BIDS, ASKS)
    try:
        await made.load_markets()
        yield made
    finally:
        await made.close()


def symbol_of(*, contracts: bool) -> str:
    """Return the symbol as ccxt writes it."""
    return "BTC/USDT:USDT" if contracts else "BTC/USDT"


@KINDS
async def test_an_order_is_placed_found_and_cancelled(client: Any, *, contracts: bool) -> None:
    """By the client's own id, signed, and with its trades."""
    symbol = symbol_of(contracts=contracts)
    bought = await client.create_order(symbol, "market", "buy", 2, None, {"clientOrderId": "one"})
    assert (bought["status"], bought["filled"], bought["average"]) == ("closed", 2, 101.5)
    await client.create_order(symbol, "limit", "sell", 1, 110, {"clientOrderId": "two"})
    opened = await client.fetch_open_orders(symbol)
    assert [each["clientOrderId"] for each in opened] == ["two"]
    cancelled = await client.cancel_order(None, symbol, {"origClientOrderId": "two"})
    assert cancelled["status"] == "canceled"
    found = await client.fetch_order(None, symbol, {"origClientOrderId": "one"})
    assert found["filled"] == 2
    trades = await client.fetch_my_trades(symbol)
    assert [each["price"] for each in trades] == [101, 102]
    if contracts:
        positions = await client.fetch_positions()
        assert [each["contracts"] for each in positions] == [2]
    else:
        assert (await client.fetch_balance())["BTC"]["total"] == 1.998


@KINDS
async def test_streams_tell_orders_bars_and_the_book(
    venue: TestVenue, client: Any, *, contracts: bool
) -> None:
    """Private reports, klines and depth arrive through ccxt.pro's own parsing."""
    symbol = symbol_of(contracts=contracts)
    waiting = [
        asyncio.create_task(each)
        for each in (
            client.watch_orders(symbol),
            client.watch_ohlcv(symbol, "1m"),
            client.watch_order_book(symbol),
        )
    ]
    user = venue.usdm_user if contracts else venue.spot_user
    public = venue.usdm_streams if contracts else venue.spot_streams
    await asyncio.to_thread(
        eventually,
        lambda: (
            user.lines and user.lines[0].topics and sum(bool(e.topics) for e in public.lines) == 2
        ),
        "every subscription",
    )
    await client.create_order(symbol, "limit", "buy", 1, 90, {"clientOrderId": "one"})
    prices = ("100", "102", "99", "101")
    bar = PublishedBar.of("BTCUSDT", 1_700_000_040_000_000_000, prices, "3")
    venue.publish("usdm" if contracts else "spot", bar)
    orders, bars = await asyncio.wait_for(asyncio.gather(*waiting[:2]), 30)
    book = await asyncio.wait_for(waiting[2], 30)
    before = book["bids"][0]
    (venue.usdm if contracts else venue.spot).quote("BTCUSDT", [("100.5", "5")], ASKS)
    book = await asyncio.wait_for(client.watch_order_book(symbol), 30)
    assert (orders[0]["clientOrderId"], orders[0]["status"]) == ("one", "open")
    assert bars == [[1_700_000_040_000, 100, 102, 99, 101, 3]]
    assert (before, book["bids"][0]) == ([100, 5], [100.5, 5])


@pytest.mark.parametrize("contracts", [False])
async def test_errors_are_the_ones_that_ccxt_knows(
    venue: TestVenue, client: Any, *, contracts: bool
) -> None:
    """Unknown orders, missing money, wrong clocks and lost answers have their classes."""
    import ccxt

    symbol = symbol_of(contracts=contracts)
    with pytest.raises(ccxt.OrderNotFound):
        await client.fetch_order(None, symbol, {"origClientOrderId": "none"})
    with pytest.raises(ccxt.InsufficientFunds):
        await client.create_order(symbol, "market", "buy", 9000)
    venue.plan.set(clock_skew_ms=60_000)
    with pytest.raises(ccxt.InvalidNonce):
        await client.fetch_open_orders(symbol)
    venue.plan.set(clock_skew_ms=0, answers_lost=1, only="POST")
    with pytest.raises(ccxt.RequestTimeout):
        await client.create_order(symbol, "limit", "buy", 1, 90, {"clientOrderId": "lost"})
    assert (await client.fetch_order(None, symbol, {"origClientOrderId": "lost"}))[
        "status"
    ] == "open"
    client.secret = "wrong"
    with pytest.raises(ccxt.AuthenticationError):
        await client.fetch_open_orders(symbol)
