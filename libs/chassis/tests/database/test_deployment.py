"""Who may connect where, on a real PostgreSQL."""

from __future__ import annotations

import secrets
import subprocess
from typing import TYPE_CHECKING

import asyncpg
import pytest

from tidegate_chassis.database import (
    connect,
    database_name,
    deploy_sql,
    drop_databases,
    ensure_databases,
)
from tidegate_chassis.database.names import service_url
from tidegate_chassis.security.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tidegate_chassis.embedded import PostgresServer

SERVICES = ["market-data", "risk"]


def passwords() -> dict[str, Secret]:
    """Make a password for each service."""
    return {service: Secret(secrets.token_urlsafe(16)) for service in SERVICES}


def run_psql(postgres: PostgresServer, script: str) -> None:
    """Run a script as `tidegate deploy sql | psql` would."""
    command = [str(postgres.binary("psql")), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    ran = subprocess.run(
        command,
        input=script,
        env=postgres.client_environment("postgres"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.fixture
async def prefix(postgres: PostgresServer) -> AsyncIterator[str]:
    """Give a prefix of its own to the test's databases and remove them afterwards."""
    made = f"t{secrets.token_hex(4)}"
    yield made
    await drop_databases(postgres.url, SERVICES, made)


async def may_connect(url: str) -> bool:
    """Tell whether the server lets this user into this database."""
    try:
        connection = await asyncpg.connect(url)
    except (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidPasswordError):
        return False
    await connection.close()
    return True


async def test_a_role_reaches_its_own_database_only(postgres: PostgresServer, prefix: str) -> None:
    """Each service makes tables at home and is turned away next door."""
    given = passwords()
    urls = await ensure_databases(postgres.url, given, prefix)
    for service, url in urls.items():
        connection = await connect(url)
        await connection.execute("CREATE TABLE journal (n bigint)")
        assert await connection.fetchval("SELECT current_database()") == database_name(
            service, prefix
        )
        await connection.close()
    risk = database_name("risk", prefix)
    neighbour = service_url(postgres.url, risk, given["risk"].reveal()).replace(
        f"/{risk}", f"/{database_name('market-data', prefix)}"
    )
    assert not await may_connect(neighbour)


async def test_a_role_has_no_rights_beyond_its_database(
    postgres: PostgresServer, prefix: str
) -> None:
    """It is no superuser and makes neither roles nor databases."""
    await ensure_databases(postgres.url, passwords(), prefix)
    connection = await connect(postgres.url)
    row = await connection.fetchrow(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls "
        "FROM pg_roles WHERE rolname = $1",
        database_name("risk", prefix),
    )
    await connection.close()
    assert row is not None
    assert not any(row.values())


async def test_the_printed_script_gives_the_same_and_may_be_run_again(
    postgres: PostgresServer, prefix: str
) -> None:
    """`tidegate deploy sql` twice through psql; then the roles log in with their passwords."""
    given = passwords()
    script = deploy_sql(SERVICES, given, prefix)
    run_psql(postgres, script)
    run_psql(postgres, script)
    for service, password in given.items():
        url = service_url(postgres.url, database_name(service, prefix), password.reveal())
        assert await may_connect(url)


async def test_ensuring_twice_keeps_the_data_and_takes_the_new_password(
    postgres: PostgresServer, prefix: str
) -> None:
    """A second run changes the password and nothing else."""
    old = await ensure_databases(postgres.url, passwords(), prefix)
    connection = await connect(old["risk"])
    await connection.execute("CREATE TABLE kept (n bigint)")
    await connection.close()
    new = await ensure_databases(postgres.url, passwords(), prefix)
    assert not await may_connect(old["risk"])
    connection = await connect(new["risk"])
    assert await connection.fetchval("SELECT count(*) FROM kept") == 0
    await connection.close()


def test_the_script_holds_no_password() -> None:
    """What is printed and logged is a verifier from which the password cannot be read."""
    given = passwords()
    script = deploy_sql(SERVICES, given)
    assert all(password.reveal() not in script for password in given.values())
    assert script.count("SCRAM-SHA-256$") == len(SERVICES)


def test_a_name_that_sql_could_misread_is_refused() -> None:
    """Only plain names reach a statement."""
    with pytest.raises(ValueError, match="database name"):
        database_name('risk"; DROP TABLE journal; --')
