"""Migrations on a real PostgreSQL, run by the real dbmate."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tidegate_chassis.database import MigrationError, connect, migrate

if TYPE_CHECKING:
    from pathlib import Path

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


async def tables(url: str) -> list[str]:
    """Return the names of the tables there are."""
    connection = await connect(url)
    rows = await connection.fetch(TABLES)
    await connection.close()
    return [row["tablename"] for row in rows]


async def test_the_journal_is_there_after_migrating_and_a_second_time_changes_nothing(
    database_url: str,
) -> None:
    """Migrations run once each."""
    await migrate(database_url)
    first = await tables(database_url)
    await migrate(database_url)
    assert "journal" in first
    assert await tables(database_url) == first


async def test_replicas_that_migrate_at_once_take_turns(database_url: str) -> None:
    """Several processes that start together all end with the whole schema and no error."""
    await asyncio.gather(*(migrate(database_url) for _ in range(3)))
    assert "journal" in await tables(database_url)


async def test_a_failed_migration_leaves_nothing_and_says_why(
    database_url: str, tmp_path: Path
) -> None:
    """The statements before the wrong one are rolled back with it."""
    (tmp_path / "0001_broken.sql").write_text(
        "-- migrate:up\nCREATE TABLE half (n bigint);\nSELECT oops;\n-- migrate:down\n"
    )
    with pytest.raises(MigrationError, match="oops"):
        await migrate(database_url, tmp_path)
    assert "half" not in await tables(database_url)


async def test_an_error_never_shows_the_password(database_url: str, tmp_path: Path) -> None:
    """The message names the server and the database only."""
    (tmp_path / "0001_broken.sql").write_text("-- migrate:up\nSELECT oops;\n-- migrate:down\n")
    password = database_url.split(":")[2].split("@", maxsplit=1)[0]
    with pytest.raises(MigrationError) as caught:
        await migrate(database_url, tmp_path)
    assert password not in str(caught.value)
