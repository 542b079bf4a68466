"""The market-data service: a shard for each session's replay, and one for each live feed."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.configuration.secrets import read_secret
from tidegate_chassis.host.definition import Row
from tidegate_chassis.host.service import Service, run_service
from tidegate_chassis.venues.errors import Misconfigured
from tidegate_market_data.adapters import projection
from tidegate_market_data.adapters.catalog import Catalog
from tidegate_market_data.adapters.http import MarketDataQueries
from tidegate_market_data.adapters.last_quotes import LastQuotes, QuoteStore
from tidegate_market_data.adapters.live.feeding import LiveFeed
from tidegate_market_data.adapters.live.led import LedShard
from tidegate_market_data.adapters.live.opening import provider_of
from tidegate_market_data.config import live_settings, replay_settings
from tidegate_market_data.shards import live_shard_of, shard_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_chassis.configuration.models import Configuration, Session
    from tidegate_chassis.host.api import AppContext
    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_kernel.machine import Body

CATALOG = Catalog()
QUOTES = LastQuotes()
REDIS_URL = read_secret("REDIS_URL", Environment(os.environ, {}))
STORE = None if REDIS_URL is None else QuoteStore(REDIS_URL.reveal())
FEEDS: list[LiveFeed] = []
MISUSED = 2


def shards_of(configuration: Configuration) -> list[ShardDefinition]:
    """Return a shard for each replay, whose data are read here and must be valid, and live feed."""
    replays = [_shard_of(each) for each in configuration.sessions if not each.feed.is_live]
    return [*replays, *(live_shard_of(each) for each in live_settings(configuration))]


def project(body: Body) -> tuple[Row, ...]:
    """Remember the last quote, and return the rows of what is no bar."""
    QUOTES.observe(body)
    return projection.project(body)


async def beside(app: AppContext) -> Callable[[], None]:
    """Start the live feeds, and writing the last quotes to Valkey when there is one."""
    stops = [_start(each) for each in _opened(app)]
    if STORE is not None:
        stops.append(STORE.start(QUOTES))

    def stop() -> None:
        for each in stops:
            each()

    return stop


def _opened(app: AppContext) -> list[LiveFeed]:
    """Put the live feeds together; one that the environment does not fit ends the process."""
    environment = Environment.beside(app.runtime.configuration_path, os.environ)
    shards = {shard.definition.shard: shard for shard in app.shards}
    for settings in live_settings(app.configuration):
        try:
            provider = provider_of(settings, environment)
        except Misconfigured as error:
            sys.stderr.write(f"feed {settings.feed}: {error}\n")
            raise SystemExit(MISUSED) from None
        shard = LedShard(shards[live_shard_of(settings).shard])
        FEEDS.append(LiveFeed(shard, provider, settings))
    return FEEDS


def _start(feed: LiveFeed) -> Callable[[], None]:
    task = asyncio.get_running_loop().create_task(feed.run())

    def stop() -> None:
        task.cancel()
        feed.close()

    return stop


def not_ready(_: AppContext) -> list[str]:
    """Return the live feeds that this process leads and that do not listen yet."""
    return [f"{feed.feed}: {feed.reason}" for feed in FEEDS if feed.leads and feed.reason]


def _shard_of(session: Session) -> ShardDefinition:
    dataset = CATALOG.add(replay_settings(session))
    QUOTES.know(dataset.instruments)
    return shard_of(session, dataset)


SERVICE = Service(
    name="market-data",
    shards=shards_of,
    project=project,
    routes=MarketDataQueries(CATALOG, QUOTES, STORE, FEEDS).routes,
    beside=beside,
    not_ready=not_ready,
)

if __name__ == "__main__":
    run_service(SERVICE)
