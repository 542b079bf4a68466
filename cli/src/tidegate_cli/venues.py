"""Asks about real venues before anything starts: addresses, keys, and whose money it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tidegate_cli.errors import Misused, Unreachable

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Environment, Loaded, Session


def require_venues(loaded: Loaded) -> None:
    """End the command unless every real venue and live feed may be used as configured."""
    configuration = loaded.configuration
    if not any(each.feed.is_live for each in configuration.sessions):
        return  # a session with a real venue has a live feed: see `tidegate_execution.config`
    from tidegate_chassis.venues.errors import Misconfigured
    from tidegate_execution.config import venue_settings_of
    from tidegate_market_data.adapters.live.opening import provider_of
    from tidegate_market_data.config import live_settings

    place = ""
    try:
        for settings in live_settings(configuration):
            place = f"feed {settings.feed}"
            provider_of(settings, loaded.environment).close()
        for session in configuration.sessions:
            place = f"session {session.name}"
            if venue_settings_of(session).is_real:
                asyncio.run(_open(session, loaded.environment))
    except Misconfigured as error:
        hint = "nothing was started; see docs/guides/venues.md"
        raise Misused("VENUE", f"{place}: {error}", hint=hint) from None


async def _open(session: Session, environment: Environment) -> None:
    """Put a venue together; a live one is asked which account it is."""
    from tidegate_chassis.configuration.trading_mode import LIVE
    from tidegate_chassis.venues.errors import Misconfigured
    from tidegate_execution.adapters.real_venues import real_venue

    venue = real_venue(session, environment)
    try:
        if session.mode == LIVE:
            await venue.open()
    except Misconfigured:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the venue's client ends with
        hint = "a live session starts only when the venue has said whose account the keys are for"
        raise Unreachable("VENUE", f"session {session.name}: {error}", hint=hint) from None
    finally:
        venue.close()
