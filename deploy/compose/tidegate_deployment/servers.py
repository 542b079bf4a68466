"""What the servers hold before the first service starts: databases, schemas, streams, durables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tidegate_chassis.database import ensure_databases, migrate
from tidegate_chassis.host.deploy import ensure_streams
from tidegate_contracts.permissions import DEPLOY
from tidegate_deployment.credentials import with_credentials

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_deployment.credentials import Credentials

ADMINISTRATOR: Final = "tidegate"


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the servers are, without a password."""

    database_url: str
    nats_url: str


async def apply(
    servers: Servers, credentials: Credentials, definitions: Iterable[ShardDefinition]
) -> None:
    """Make what is missing, and hand every service the address of its database."""
    password = credentials.administrator
    administrator_url = with_credentials(servers.database_url, ADMINISTRATOR, password)
    urls = await ensure_databases(administrator_url, credentials.databases)
    for url in urls.values():
        await migrate(url)
    credentials.give_databases(urls)
    nats_password = credentials.nats_password(DEPLOY).reveal()
    await ensure_streams(servers.nats_url, DEPLOY, nats_password, definitions)
