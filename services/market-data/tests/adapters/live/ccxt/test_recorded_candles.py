"""Recorded markets and candles of Binance through ccxt: what is missing is told by its name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from tests.venues.binance.answered import CONTRACT, answer, spot_market
from tests.venues.recording_decisions import Reader
from tests.venues.recordings import (
    UNKNOWN,
    Field,
    Json,
    Payload,
    damaged,
    lost,
    named,
    read_by,
    required_of,
    with_unknown,
)

from tidegate_chassis.venues.exchanges import Access
from tidegate_contracts.market import Bar
from tidegate_kernel.money import use_money_context
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


def reading(payload: Payload) -> Read:
    """Return the way in which a payload is read."""
    return streamed(payload) if payload.decision is Reader.BINANCE_CANDLE else market


def cases() -> list[Json]:
    """Return every payload with each of its required fields."""
    fields = [*(f"symbols.*.{each}" for each in MARKET), "symbols"]
    filters = [f"symbols.*.filters.*.{each}" for each in FILTERS]
    listed = [
        case
        for case in required_of(Reader.BINANCE_MARKETS, [*fields, *filters])
        if not isinstance(case.values[0], Payload) or read_of_filters(*case.values)
    ]
    candle = [f"{start}k.{each}" for start in ("", "data.") for each in CANDLE]
    return listed + required_of(Reader.BINANCE_CANDLE, [*candle, "k", "data.k"])


def read_of_filters(payload: Payload, field: Field) -> bool:
    """Tell whether a field is not of a filter that is not read: of lots of market orders."""
    if "filters" not in field[:-1]:
        return True
    found = payload.body["symbols"][field[1]]["filters"][field[3]]["filterType"]
    return found in ("PRICE_FILTER", "LOT_SIZE", "MIN_NOTIONAL", "NOTIONAL")


@pytest.mark.parametrize("payload", read_by(Reader.BINANCE_MARKETS, Reader.BINANCE_CANDLE))
def test_a_recorded_payload_is_read(payload: Payload) -> None:
    """And no field of it changes what is read by its absence without being named."""
    read = reading(payload)
    assert read(payload.body)
    missing = lost(payload.body, read, ProviderFailed, OPTIONAL)
    assert not [each for each in missing if not each.endswith(".filterType")]


@pytest.mark.parametrize(("payload", "field"), cases())
def test_a_missing_field_is_told_by_its_name(payload: Payload, field: Field) -> None:
    """No bar and no instrument is made of the rest."""
    for now in damaged(payload.body, field):
        with pytest.raises(ProviderFailed, match=named(field)):
            reading(payload)(now)


@pytest.mark.parametrize("payload", read_by(Reader.BINANCE_MARKETS, Reader.BINANCE_CANDLE))
def test_unknown_fields_change_nothing(payload: Payload) -> None:
    """At every level, whatever they hold."""
    read = reading(payload)
    expected = read(payload.body)

    @settings(max_examples=5, deadline=None)
    @given(unknown=UNKNOWN)
    def check(unknown: dict[str, Json]) -> None:
        use_money_context()
        assert read(with_unknown(payload.body, unknown)) == expected

    check()


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
