"""Which shards the services of a configuration host, and what each reads.

market-data is asked for nothing: it reads no stream, its one shard per session is named after the
feed, and loading its bars here would need its packages.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from tidegate_chassis.configuration import SERVICE_NAMES, Configuration, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tidegate_chassis.host.definition import ShardDefinition

FEED_SERVICE: Final = "market-data"
READERS: Final = tuple(service for service in SERVICE_NAMES if service != FEED_SERVICE)


def require_valid(configuration: Configuration) -> None:
    """Raise one `ConfigurationError` with everything that the readers find wrong."""
    problems = [
        problem
        for service in READERS
        for problem in import_module(f"{module_of(service)}.config").check(configuration)
    ]
    if problems:
        raise ConfigurationError(problems)


def definitions_of(configuration: Configuration) -> dict[str, list[ShardDefinition]]:
    """Return the shards of every service that reads."""
    return {
        service: import_module(f"{module_of(service)}.__main__").SERVICE.shards(configuration)
        for service in READERS
    }


def shards_of(
    configuration: Configuration, definitions: Mapping[str, Sequence[ShardDefinition]]
) -> dict[str, list[str]]:
    """Return the names of the shards of all six services."""
    feeds = [f"{FEED_SERVICE}/{session.feed_name}" for session in configuration.sessions]
    read = {service: [each.shard for each in shards] for service, shards in definitions.items()}
    return {FEED_SERVICE: feeds, **read}


def module_of(service: str) -> str:
    """Return the name of a service's package."""
    return f"tidegate_{service.replace('-', '_')}"
