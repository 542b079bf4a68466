"""What Binance's own answers must have, because ccxt makes something of what is missing.

A market without a filter has no least value and no lot for it, one without `status` is closed, and
one without a currency is left out. Other exchanges' answers are not known here: of them ccxt is
believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from tidegate_chassis.venues.exchanges import BINANCE
from tidegate_market_data.adapters.live.provider import ProviderFailed

MARKETS: Final = "/exchangeInfo"
CANDLES: Final = "/klines"
IN_CANDLE: Final = ("start", "open", "high", "low", "close", "volume")
MARKET: Final = ("symbol", "status", "baseAsset", "quoteAsset")
CANDLE: Final = ("s", "i", "t", "o", "h", "l", "c", "v")
FILTERS: Final = {"PRICE_FILTER": ("tickSize",), "LOT_SIZE": ("stepSize", "minQty", "maxQty")}
LEAST_VALUE: Final = {"NOTIONAL": ("minNotional",), "MIN_NOTIONAL": ("minNotional", "notional")}
"""Markets have one of these; contracts call the number otherwise."""


def require_markets(exchange: str, url: str, answer: object) -> None:
    """Raise `ProviderFailed`, naming what is missing, unless every market says what it is."""
    if not exchange.startswith(BINANCE) or not urlsplit(url).path.endswith(MARKETS):
        return
    listed = answer.get("symbols") if isinstance(answer, Mapping) else None
    if not isinstance(listed, list):
        raise ProviderFailed(f"expected symbols as a list, found {type(listed).__name__}")
    for each in listed:
        _require(each, MARKET, "a market")


def require_candles(exchange: str, url: str, answer: object) -> None:
    """Raise `ProviderFailed` unless every past candle is whole, before ccxt leaves some out."""
    if not exchange.startswith(BINANCE) or not urlsplit(url).path.endswith(CANDLES):
        return
    for each in answer if isinstance(answer, list) else [answer]:
        if not isinstance(each, list):
            raise ProviderFailed(f"expected a candle as a list, found {type(each).__name__}")
        numbers = dict(zip(IN_CANDLE, each, strict=False))
        _require(numbers, IN_CANDLE, "a candle")


def require_filters(exchange: str, market: Mapping[str, object]) -> None:
    """Raise `ProviderFailed`, naming what is missing, unless a market has tick, lot and limits."""
    if not exchange.startswith(BINANCE):
        return
    information, symbol = market.get("info"), market.get("symbol")
    _require(information, ("filters",), f"the market {symbol}")
    assert isinstance(information, Mapping), "it has filters"
    filters = {each.get("filterType"): each for each in information["filters"]}
    for kind, names in FILTERS.items():
        if kind not in filters:
            raise ProviderFailed(f"expected filterType {kind} of {symbol}, found none")
        _require(filters[kind], names, f"{kind} of {symbol}")
    found = [kind for kind in LEAST_VALUE if kind in filters]
    if not found:
        raise ProviderFailed(f"expected filterType NOTIONAL of {symbol}, found none")
    for kind in found:
        if all(filters[kind].get(name) is None for name in LEAST_VALUE[kind]):
            raise ProviderFailed(f"expected minNotional in {kind} of {symbol}, found none")


def require_candle(exchange: str, candle: object) -> None:
    """Raise `ProviderFailed`, naming what is missing, unless a streamed candle is whole."""
    if exchange.startswith(BINANCE):
        _require(candle, CANDLE, "k of a candle")


def _require(document: object, names: tuple[str, ...], what: str) -> None:
    if not isinstance(document, Mapping):
        raise ProviderFailed(f"expected {what} as an object, found {type(document).__name__}")
    for name in names:
        if document.get(name) is None:
            raise ProviderFailed(f"expected {name} in {what}, found none")
