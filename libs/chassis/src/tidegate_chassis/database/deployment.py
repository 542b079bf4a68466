"""One database and one role per service; each role reaches its own database and nothing else.

The same statements are printed for psql (`deploy_sql`) and run over a connection
(`ensure_databases`). Both may be repeated: what exists is brought to the same state again. A role
owns its database, so that a service runs its own migrations, and nobody else may connect to it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from tidegate_chassis.database.names import DEFAULT_PREFIX, database_name, service_url
from tidegate_chassis.database.pool import connect
from tidegate_chassis.database.scram import scram_verifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import asyncpg

    from tidegate_chassis.security.secrets import Secret

ROLE_CONNECTIONS_MAX: Final = 20
_LOCK: Final = 0x7469_6465  # "tide": one deployment at a time
_ROLE_OPTIONS: Final = (
    "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS "
    f"CONNECTION LIMIT {ROLE_CONNECTIONS_MAX}"
)
_HEADER: Final = """\
-- Tidegate: one database and one role per service. Run it as an administrator:
--   psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f this-file
-- It may be run again; it then changes nothing but the passwords given.
"""


def deploy_sql(
    services: Sequence[str], passwords: Mapping[str, Secret], prefix: str = DEFAULT_PREFIX
) -> str:
    """Return a psql script that makes every service's role and database.

    A service without a password gets a role that cannot log in with one. Passwords are written
    as SCRAM verifiers.
    """
    return _HEADER + "".join(
        _script(database_name(service, prefix), passwords.get(service)) for service in services
    )


async def ensure_databases(
    admin_url: str, passwords: Mapping[str, Secret], prefix: str = DEFAULT_PREFIX
) -> dict[str, str]:
    """Make every service's role and database; return the address of each for its own role."""
    connection = await connect(admin_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        for service, password in passwords.items():
            await _ensure(connection, database_name(service, prefix), password)
    finally:
        await connection.close()
    return {
        service: service_url(admin_url, database_name(service, prefix), password.reveal())
        for service, password in passwords.items()
    }


async def drop_databases(
    admin_url: str, services: Sequence[str], prefix: str = DEFAULT_PREFIX
) -> None:
    """Remove every service's database, with all that is in it, and its role."""
    connection = await connect(admin_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        for service in services:
            name = database_name(service, prefix)
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            await connection.execute(f'DROP ROLE IF EXISTS "{name}"')
    finally:
        await connection.close()


def _create_role(name: str) -> str:
    return f'CREATE ROLE "{name}" {_ROLE_OPTIONS}'


def _create_database(name: str) -> str:
    return f'CREATE DATABASE "{name}" OWNER "{name}" ENCODING \'UTF8\' TEMPLATE template0'


def _role_settings(name: str, password: Secret | None) -> list[str]:
    statements = [f'ALTER ROLE "{name}" {_ROLE_OPTIONS}', f'GRANT "{name}" TO CURRENT_USER']
    if password is not None:
        verifier = scram_verifier(password.reveal())
        statements.append(f"ALTER ROLE \"{name}\" PASSWORD '{verifier}'")
    return statements


def _database_settings(name: str) -> list[str]:
    return [
        f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC',
        f'GRANT CONNECT, TEMPORARY, CREATE ON DATABASE "{name}" TO "{name}"',
    ]


def _script(name: str, password: Secret | None) -> str:
    lines = [f"\n-- {name}"]
    lines += _unless_exists(_create_role(name), f"pg_roles WHERE rolname = '{name}'")
    lines += [f"{statement};" for statement in _role_settings(name, password)]
    lines += _unless_exists(_create_database(name), f"pg_database WHERE datname = '{name}'")
    lines += [f"{statement};" for statement in _database_settings(name)]
    return "\n".join(lines) + "\n"


def _unless_exists(statement: str, where: str) -> list[str]:
    quoted = statement.replace("'", "''")
    return [f"SELECT '{quoted}'", f"WHERE NOT EXISTS (SELECT FROM {where}) \\gexec"]


async def _ensure(connection: asyncpg.Connection, name: str, password: Secret) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name):
        await connection.execute(_create_role(name))
    # The key derivation takes milliseconds of CPU: not in the caller's event loop.
    for statement in await asyncio.to_thread(_role_settings, name, password):
        await connection.execute(statement)
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await connection.execute(_create_database(name))
    for statement in _database_settings(name):
        await connection.execute(statement)
