"""What the servers hold before the first service starts: databases, schemas, streams, durables."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tidegate_chassis.database import ensure_databases, migrate

if TYPE_CHECKING:
    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_chassis.security.secrets import Secret


async def prepare_databases(
    administrator_url: str, passwords: Mapping[str, Secret]
) -> dict[str, str]:
    """Make and migrate what is missing; return the address of every service's own database."""
    urls = await ensure_databases(administrator_url, passwords)
    await migrate_databases(urls)
    return urls


async def migrate_databases(urls: Mapping[str, str]) -> None:
    """Bring every service's database to the newest schema."""
    await asyncio.gather(*(migrate(url) for url in urls.values()))


async def prepare_streams(
    nats_url: str,
    credentials: tuple[str, str],
    definitions: Mapping[str, Sequence[ShardDefinition]],
) -> None:
    """Make the streams and durables that are missing, as the deploy user."""
    from tidegate_chassis.host.deploy import ensure_streams

    every = [each for shards in definitions.values() for each in shards]
    await ensure_streams(nats_url, *credentials, every)
