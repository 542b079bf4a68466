"""Puts the live feeds of a configuration together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.configuration.models import LIVE_TIMEFRAME
from tidegate_chassis.venues.alpaca import Credentials, Endpoints
from tidegate_chassis.venues.exchanges import Access
from tidegate_market_data.adapters.live.alpaca.listings import Listings
from tidegate_market_data.adapters.live.alpaca.provider import AlpacaBars
from tidegate_market_data.adapters.live.ccxt.provider import CcxtBars

if TYPE_CHECKING:
    from tidegate_chassis.configuration.environment import Environment
    from tidegate_market_data.adapters.live.provider import Provider
    from tidegate_market_data.config import LiveSettings


def provider_of(settings: LiveSettings, environment: Environment) -> Provider:
    """Return a feed's source, not connected; `Misconfigured` if the environment does not fit."""
    source = settings.source
    if source.kind == "ccxt":
        assert source.exchange is not None, "a feed of kind ccxt names one"
        place = (source.exchange, source.market)
        return CcxtBars(
            feed=settings.feed,
            access=Access.from_environment(place, environment, testnet=source.testnet).public(),
            symbols=settings.symbols,
            timeframe=source.timeframe or LIVE_TIMEFRAME,
            timeframe_ns=settings.timeframe_ns,
        )
    return AlpacaBars(
        credentials=Credentials.from_environment(environment),
        endpoints=Endpoints.from_environment(environment.merged(), live=settings.live),
        listings=Listings(settings.feed, source.fractional),
        symbols=settings.symbols,
        tape=source.tape,
        extended=source.hours == "extended",
    )
