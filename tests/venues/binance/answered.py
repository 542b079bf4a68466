"""ccxt answered without a network: documents by path, beneath its client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

Json = Any
CONTRACT: dict[str, Json] = {
    "symbol": "BTCUSDT",
    "pair": "BTCUSDT",
    "contractType": "PERPETUAL",
    "status": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "marginAsset": "USDT",
    "pricePrecision": 2,
    "quantityPrecision": 3,
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "0.1", "maxPrice": "1000000", "tickSize": "0.1"},
        {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
        {"filterType": "MIN_NOTIONAL", "notional": "5"},
    ],
}


def spot_market(base: str, quote: str) -> dict[str, Json]:
    """Return a spot market as `exchangeInfo` lists it."""
    lots = {"minQty": "0.00001", "maxQty": "9000", "stepSize": "0.00001"}
    return {
        "symbol": base + quote,
        "status": "TRADING",
        "baseAsset": base,
        "quoteAsset": quote,
        "quotePrecision": 8,
        "baseAssetPrecision": 8,
        "isSpotTradingAllowed": True,
        "orderTypes": ["LIMIT", "MARKET"],
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": "0",
                "maxPrice": "0",
                "tickSize": "0.000001",
            },
            {"filterType": "LOT_SIZE", **lots},
            {"filterType": "NOTIONAL", "minNotional": "0.0001"},
        ],
        "permissionSets": [["SPOT"]],
    }


def answer(client: Json, documents: Mapping[str, Json]) -> None:
    """Let a client of ccxt find its answers in documents, by path."""

    async def fetch(url: str, *_: object, **__: object) -> Json:
        body = json.dumps(documents[urlsplit(url).path])
        found = client.parse_json(body)
        client.handle_errors(200, "OK", url, "GET", {}, body, found, {}, "")
        return found

    client.fetch = fetch
    client.enableRateLimit = False
