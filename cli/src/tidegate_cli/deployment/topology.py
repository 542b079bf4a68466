"""Which shards the services of a configuration host, and what each reads.

The deploy work (NATS permissions, streams, durables) needs it before any service runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from tidegate_chassis.configuration import SERVICE_NAMES, Configuration

if TYPE_CHECKING:
    from tidegate_chassis.host.definition import ShardDefinition

FEED_SERVICE = "market-data"
READERS = tuple(service for service in SERVICE_NAMES if service != FEED_SERVICE)


def module_of(service: str) -> str:
    """Return the name of a service's package."""
    return f"tidegate_{service.replace('-', '_')}"


def definitions_of(configuration: Configuration) -> dict[str, list[ShardDefinition]]:
    """Return the shards of every service that reads, without what only their hosts need.

    market-data is left out: it reads no stream, and asking it would load all its bars.
    """
    return {
        service: import_module(f"{module_of(service)}.shards").shards_of(configuration)
        for service in READERS
    }


def shards_of(
    configuration: Configuration, definitions: Mapping[str, Sequence[ShardDefinition]]
) -> dict[str, list[str]]:
    """Return the names of the shards of every service."""
    names = [f"{FEED_SERVICE}/{session.feed_name}" for session in configuration.sessions]
    feeds = list(dict.fromkeys(names))
    others = {service: [each.shard for each in shards] for service, shards in definitions.items()}
    return {FEED_SERVICE: feeds, **others}
