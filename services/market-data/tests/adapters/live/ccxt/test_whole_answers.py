"""What Binance's markets and candles must have, shown without any recording."""

from __future__ import annotations

import pytest
from tests.venues.binance.answered import CONTRACT, spot_market
from tests.venues.recordings import Json, damaged, named

from tidegate_market_data.adapters.live.ccxt.completeness import (
    CANDLE,
    IN_CANDLE,
    MARKET,
    require_candle,
    require_candles,
    require_filters,
    require_markets,
)
from tidegate_market_data.adapters.live.provider import ProviderFailed

INFORMATION = "https://api.binance.com/api/v3/exchangeInfo"
KLINES = "https://api.binance.com/api/v3/klines?symbol=BTCUSDT"


@pytest.mark.parametrize("name", MARKET)
def test_a_market_says_what_it_is(name: str) -> None:
    """Every listed market, or none of them is believed."""
    whole = {"symbols": [spot_market("BTC", "USDT"), CONTRACT]}
    require_markets("binance", INFORMATION, whole)
    for now in damaged(whole, ("symbols", 1, name)):
        with pytest.raises(ProviderFailed, match=named((name,))):
            require_markets("binance", INFORMATION, now)
        require_markets("another", INFORMATION, now)
    with pytest.raises(ProviderFailed, match="expected symbols as a list"):
        require_markets("binance", INFORMATION, {})


@pytest.mark.parametrize("market", [spot_market("BTC", "USDT"), CONTRACT])
def test_a_market_has_its_filters(market: Json) -> None:
    """Without one nobody knows tick, lot or least value."""
    require_filters("binance", {"symbol": "BTC/USDT", "info": market})
    for index in range(3):
        fewer = [each for n, each in enumerate(market["filters"]) if n != index]
        missing = {"symbol": "BTC/USDT", "info": {**market, "filters": fewer}}
        with pytest.raises(ProviderFailed, match="expected filterType"):
            require_filters("binance", missing)
        require_filters("another", missing)
    empty = [{"filterType": each["filterType"]} for each in market["filters"]]
    with pytest.raises(ProviderFailed, match="expected tickSize in PRICE_FILTER"):
        require_filters("binance", {"symbol": "BTC/USDT", "info": {"filters": empty}})


@pytest.mark.parametrize("index", range(len(IN_CANDLE)))
def test_a_past_candle_is_whole(index: int) -> None:
    """One that ends early is none."""
    whole = [0, "1", "1", "1", "1", "1"]
    require_candles("binance", KLINES, [whole])
    with pytest.raises(ProviderFailed, match=named((IN_CANDLE[index],))):
        require_candles("binance", KLINES, [whole, whole[:index]])
    with pytest.raises(ProviderFailed, match="expected a candle as a list"):
        require_candles("binance", KLINES, {})


@pytest.mark.parametrize("name", CANDLE)
def test_a_streamed_candle_is_whole(name: str) -> None:
    """What is no object at all is told too."""
    whole = dict.fromkeys(CANDLE, "1")
    require_candle("binance", whole)
    for now in damaged(whole, (name,)):
        with pytest.raises(ProviderFailed, match=named((name,))):
            require_candle("binance", now)
    with pytest.raises(ProviderFailed, match="expected k of a candle as an object"):
        require_candle("binance", None)
