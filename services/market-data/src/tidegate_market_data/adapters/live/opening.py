"""Puts the live feeds of a configuration together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.venues.alpaca import Credentials, Endpoints
from tidegate_market_data.adapters.live.alpaca.listings import Listings
from tidegate_market_data.adapters.live.alpaca.provider import AlpacaBars

if TYPE_CHECKING:
    from tidegate_chassis.configuration.environment import Environment
    from tidegate_market_data.adapters.live.provider import Provider
    from tidegate_market_data.config import LiveSettings


def provider_of(settings: LiveSettings, environment: Environment) -> Provider:
    """Return a feed's source, not connected; `Misconfigured` if the environment does not fit."""
    return AlpacaBars(
        credentials=Credentials.from_environment(environment),
        endpoints=Endpoints.from_environment(environment.merged(), live=settings.live),
        listings=Listings(settings.feed, settings.source.fractional),
        symbols=settings.symbols,
        tape=settings.source.tape,
    )
