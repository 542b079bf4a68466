"""The deploy work of an instance: its databases and NATS users, its own or somebody else's."""

from __future__ import annotations

from pathlib import Path

from tidegate_chassis.configuration import SERVICE_NAMES
from tidegate_cli.deployment.keys import credentials_file, ensure_database_passwords
from tidegate_cli.deployment.servers import migrate_databases, prepare_databases
from tidegate_cli.errors import Misused
from tidegate_cli.supervisor.plan import Plan
from tidegate_cli.supervisor.servers import (
    Servers,
    credentials_variable,
    database_variable,
    has_own_databases,
)
from tidegate_contracts.permissions import DEPLOY


async def deploy_databases(plan: Plan, servers: Servers) -> dict[str, str]:
    """Return the address of every service's database, made and migrated."""
    if not has_own_databases(plan):
        passwords = ensure_database_passwords(plan.layout.secrets)
        return await prepare_databases(servers.database_url, passwords)
    urls = {each: plan.given(database_variable(each)) or "" for each in SERVICE_NAMES}
    await migrate_databases(urls)
    return urls


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
