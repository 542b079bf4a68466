"""The real clients, pointed at the test venue. Imports are late: each costs seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.venues.server import TestVenue


def trading_client(venue: TestVenue) -> Any:
    """Return alpaca-py's client of the trading API."""
    from alpaca.trading.client import TradingClient

    return TradingClient(venue.keys.key, venue.keys.secret, paper=True, url_override=venue.http)


def binance(venue: TestVenue, *, contracts: bool = False) -> Any:
    """Return ccxt.pro's client of Binance, for spot or for USD-M contracts."""
    from ccxt.pro import binance as client

    rest, ws = venue.http, venue.ws
    urls: dict[str, object] = {
        "public": f"{rest}/api/v3",
        "private": f"{rest}/api/v3",
        "sapi": f"{rest}/sapi/v1",
        "ws": {
            "spot": f"{ws}/ws",
            "linear": f"{ws}/ws",
            "ws-api": {"spot": f"{ws}/ws-api/v3", "linear": f"{ws}/ws-fapi/v1"},
        },
    }
    for version in (1, 2, 3):
        suffix = "" if version == 1 else f"V{version}"
        urls[f"fapiPublic{suffix}"] = urls[f"fapiPrivate{suffix}"] = f"{rest}/fapi/v{version}"
    options = {
        "fetchMarkets": {"types": ["linear" if contracts else "spot"]},
        "fetchCurrencies": False,
        "fetchMargins": False,
        "defaultType": "swap" if contracts else "spot",
    }
    return client(
        {
            "apiKey": venue.keys.key,
            "secret": venue.keys.secret,
            "urls": {"api": urls},
            "options": options,
        }
    )
