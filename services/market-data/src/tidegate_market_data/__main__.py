"""The market-data service: one shard for each session's replay."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.configuration.secrets import read_secret
from tidegate_chassis.host.definition import Row
from tidegate_chassis.host.service import Service, run_service
from tidegate_market_data.adapters import projection
from tidegate_market_data.adapters.catalog import Catalog
from tidegate_market_data.adapters.http import MarketDataQueries
from tidegate_market_data.adapters.last_quotes import LastQuotes, QuoteStore
from tidegate_market_data.config import replay_settings
from tidegate_market_data.shards import shard_of

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


def shards_of(configuration: Configuration) -> list[ShardDefinition]:
    """Return the replay's shard of each session; its data are read here, and must be valid."""
    return [_shard_of(session) for session in configuration.sessions]


def project(body: Body) -> tuple[Row, ...]:
    """Remember the last quote, and return the rows of what is no bar."""
    QUOTES.observe(body)
    return projection.project(body)


async def keep_quotes(_: AppContext) -> Callable[[], None]:
    """Start writing the last quotes to Valkey, when there is one."""
    return (lambda: None) if STORE is None else STORE.start(QUOTES)


def _shard_of(session: Session) -> ShardDefinition:
    dataset = CATALOG.add(replay_settings(session))
    QUOTES.know(dataset.instruments)
    return shard_of(session, dataset)


SERVICE = Service(
    name="market-data",
    shards=shards_of,
    project=project,
    routes=MarketDataQueries(CATALOG, QUOTES, STORE).routes,
    beside=keep_quotes,
)

if __name__ == "__main__":
    run_service(SERVICE)
