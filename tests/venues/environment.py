"""What to export so that Tidegate's adapters talk to the test venue."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.venues.server import TestVenue


def variables_of(venue: TestVenue) -> dict[str, str]:
    """Return the environment variables, in the order in which they are printed."""
    return {
        "ALPACA_API_KEY": venue.keys.key,
        "ALPACA_SECRET_KEY": venue.keys.secret,
        "ALPACA_BASE_URL": venue.http,
        "ALPACA_DATA_URL": venue.http,
        "ALPACA_STREAM_URL": f"{venue.ws}/stream",
        "ALPACA_DATA_STREAM_URL": venue.ws,
        "BINANCE_API_KEY": venue.keys.key,
        "BINANCE_SECRET_KEY": venue.keys.secret,
        "TIDEGATE_CCXT_BINANCE_REST_URL": venue.http,
        "TIDEGATE_CCXT_BINANCE_WS_URL": venue.ws,
    }
