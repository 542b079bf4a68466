"""The deploy work of an instance: databases, migrations, NATS users, streams and durables."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_chassis.configuration import SERVICE_NAMES
from tidegate_chassis.database import ensure_databases, migrate
from tidegate_cli.errors import Misused
from tidegate_cli.supervisor.credentials import (
    credentials_file,
    ensure_database_passwords,
    ensure_nats_passwords,
)
from tidegate_cli.supervisor.plan import Plan
from tidegate_cli.supervisor.servers import (
    Servers,
    credentials_variable,
    database_variable,
    has_own_databases,
)

if TYPE_CHECKING:
    from tidegate_chassis.host.definition import ShardDefinition

DEPLOY = "deploy"


async def deploy_databases(plan: Plan, servers: Servers) -> dict[str, str]:
    """Return the address of every service's database, made and migrated."""
    if has_own_databases(plan):
        urls = {each: plan.given(database_variable(each)) or "" for each in SERVICE_NAMES}
    else:
        passwords = ensure_database_passwords(plan.layout.secrets)
        urls = await ensure_databases(servers.database_url, passwords)
    await asyncio.gather(*(migrate(url) for url in urls.values()))
    return urls


def nats_accounts(plan: Plan, shards: Mapping[str, Sequence[str]]) -> str:
    """Return the users and permissions for a nats-server of our own."""
    from tidegate_contracts.deploy import nats_config

    return nats_config(ensure_nats_passwords(plan.layout.secrets), shards)


def nats_credentials(plan: Plan, servers: Servers) -> dict[str, Path]:
    """Return the file with the credentials of every NATS user that this instance needs."""
    users = (*SERVICE_NAMES, DEPLOY)
    if servers.nats is not None:
        return {user: credentials_file(plan.layout.secrets, user) for user in users}
    found = {user: plan.given(credentials_variable(user)) for user in users}
    missing = [credentials_variable(user) for user, path in found.items() if path is None]
    if missing:
        raise Misused(
            "NATS_CREDENTIALS_MISSING",
            "NATS_URL names a server of yours, but not who may speak to it",
            expected="a file with user:password for every service and for the deploy user",
            found=f"unset: {', '.join(missing)}",
            hint="`tidegate deploy nats-config` prints the users and makes the files",
        )
    return {user: Path(path) for user, path in found.items() if path is not None}


async def deploy_streams(
    servers: Servers, credentials: Path, definitions: Mapping[str, Sequence[ShardDefinition]]
) -> None:
    """Make the streams and durables that are missing."""
    from tidegate_chassis.host.deploy import ensure_streams

    user, password = read_credentials(credentials)
    every = [each for shards in definitions.values() for each in shards]
    await ensure_streams(servers.nats_url, user, password, every)


def read_credentials(file: Path) -> tuple[str, str]:
    """Return the user and the password of a credentials file."""
    user, _, password = file.read_text(encoding="utf-8").strip().partition(":")
    return user, password
