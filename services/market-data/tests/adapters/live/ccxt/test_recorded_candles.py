"""Recorded markets and candles of Binance through ccxt: what is missing is told by its name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache

import pytest
from tests.venues.binance.answered import CONTRACT, answer, spot_market
from tests.venues.recording_decisions import Reader
from tests.venues.recordings import (
    Field,
    Json,
    Payload,
    Reading,
    check_reading,
    named,
    read_by,
)

from tidegate_chassis.venues.exchanges import Access
from tidegate_contracts.market import Bar
from tidegate_market_data.adapters.live.ccxt.listings import instrument_of
from tidegate_market_data.adapters.live.ccxt.provider import CcxtBars
from tidegate_market_data.adapters.live.provider import ProviderFailed

Read = Callable[[Json], object]
LOOP = asyncio.new_event_loop()
CLOSED: set[tuple[str, int]] = set()
MINUTE_NS = 60_000_000_000
MARKET = ("symbol", "status", "baseAsset", "quoteAsset", "filters")
FILTERS = ("tickSize", "stepSize", "minQty", "maxQty", "minNotional")
CANDLE = ("s", "i", "t", "o", "h", "l", "c", "v")
STREAM = {
    "spot": "wss://stream.binance.com:9443/ws",
    "usdm": "wss://fstream.binance.com/market/ws",
}
OPTIONAL = {
    "e": "a message of no kind is nobody's: the watchdog finds the candle in history",
    "data": "the same: a message around nothing",
    "data.e": "the same",
    "x": "a candle that is not called closed is closed by the next one",
}


def documents_of(markets: list[Json]) -> dict[str, Json]:
    """Return what is asked for about markets."""
    found: dict[str, Json] = {}
    for place in ("/api/v3", "/fapi/v1"):
        found |= {f"{place}/exchangeInfo": {"symbols": markets}, f"{place}/time": {"serverTime": 1}}
    return found


@cache
def client_of(market: str) -> Json:
    """Return a client of ccxt: making one costs more than all that it reads here."""

    async def make() -> Json:
        access = Access("binance", market, testnet=False)
        return CcxtBars("feed", access, (), "1m", MINUTE_NS, _closed=CLOSED)._made()

    return LOOP.run_until_complete(make())


def feed(symbol: str, documents: dict[str, Json], market: str = "spot") -> CcxtBars:
    """Return a feed of one symbol, answered beneath ccxt."""
    client = client_of(market)
    client.ohlcvs = {}
    client.clients = {}
    CLOSED.clear()
    answer(client, documents)
    access = Access("binance", market, testnet=False)
    return CcxtBars("feed", access, (symbol,), "1m", MINUTE_NS, _client=client, _closed=CLOSED)


def market(now: Json) -> object:
    """Ask what the first recorded market is."""
    documents = {**documents_of([]), "/api/v3/exchangeInfo": now}
    return LOOP.run_until_complete(feed("ETH/BTC", documents).instruments())


def candles(now: Json) -> object:
    """Ask for past candles."""
    documents = documents_of([spot_market("ETH", "BTC")]) | {"/api/v3/klines": now}
    made = feed("ETH/BTC", documents)

    async def ask() -> object:
        await made.instruments()
        return await made.history(("ETH/BTC",), 0, 2_000_000_000_000_000_000)

    return LOOP.run_until_complete(ask())


def streamed(payload: Payload) -> Read:
    """Return the way to hear a recorded candle, and the one after it: the first is then closed."""
    kline = payload.body.get("data", payload.body)["k"]
    spot = "data" in payload.body
    base, quote = (
        (kline["s"][:-4], "USDT") if kline["s"].endswith("USDT") else (kline["s"][:-3], "BTC")
    )
    symbol = f"{base}/{quote}" if spot else f"{base}/{quote}:{quote}"

    place = "spot" if spot else "usdm"
    documents = documents_of([spot_market(base, quote) if spot else CONTRACT])

    async def hear(made: CcxtBars, now: Json) -> list[Bar]:
        await made.instruments()
        told: list[Bar] = []
        made._heard = (told.append, lambda: None)
        client: Json = made._client
        stream = client.client(STREAM[place])
        heard = stream.future(f"ohlcv::{symbol}::1m")
        client.handle_message(stream, client.parse_json(client.json(now)))
        if heard.done():
            for candle in heard.result()[2]:
                made._take(symbol, candle)
                made._take(symbol, [candle[0] + 60_000, *candle[1:]])
        return told

    return lambda now: LOOP.run_until_complete(hear(feed(symbol, documents, place), now))


def reading(payload: Payload) -> Reading:
    """Return how a payload is read."""
    if payload.decision is Reader.BINANCE_CANDLE:
        candle = [f"{start}k.{each}" for start in ("", "data.") for each in CANDLE]
        return Reading(streamed(payload), ProviderFailed, [*candle, "k", "data.k"], OPTIONAL)
    fields = [*(f"symbols.*.{each}" for each in MARKET), "symbols"]
    filters = [f"symbols.*.filters.*.{each}" for each in FILTERS]
    optional = [*OPTIONAL, "symbols.*.filters.*.filterType"]

    def counts(field: Field) -> bool:
        return is_read_filter(payload.body, field)

    return Reading(market, ProviderFailed, [*fields, *filters], optional, counts=counts)


def is_read_filter(body: Json, field: Field) -> bool:
    """Tell whether a field is not of a filter that is not read: of lots of market orders."""
    if "filters" not in field[:-1]:
        return True
    found = body["symbols"][field[1]]["filters"][field[3]]["filterType"]
    return found in ("PRICE_FILTER", "LOT_SIZE", "MIN_NOTIONAL", "NOTIONAL")


@pytest.mark.parametrize("payload", read_by(Reader.BINANCE_MARKETS, Reader.BINANCE_CANDLE))
def test_a_recorded_payload_is_read_or_told_why_not(payload: Payload) -> None:
    """No bar and no instrument is made of a payload that lacks what counts."""
    check_reading(payload.body, reading(payload))


@pytest.mark.parametrize("payload", read_by(Reader.BINANCE_LISTING))
def test_every_recorded_market_is_read(payload: Payload) -> None:
    """Tick, lot and least value of all of them."""
    made = feed("ETH/BTC", {**documents_of([]), "/api/v3/exchangeInfo": payload.body})
    LOOP.run_until_complete(made.instruments())
    markets = client_of("spot").markets
    found = [instrument_of("feed", "binance", markets[each]) for each in markets]
    assert len(found) == len(payload.body["symbols"])


@pytest.mark.parametrize("payload", read_by(Reader.BINANCE_CANDLES))
def test_a_past_candle_is_whole_or_refused(payload: Payload) -> None:
    """Candles are lists: one that ends early, or has nothing at a place, is no bar."""
    assert candles(payload.body)
    names = ("start", "open", "high", "low", "close", "volume")
    for index, name in enumerate(names):
        short = [each[:index] for each in payload.body]
        empty = [[*each[:index], None, *each[index + 1 :]] for each in payload.body]
        for now in (short, empty):
            with pytest.raises(ProviderFailed, match=named((name,))):
                candles(now)
