"""Migrations: plain SQL files that dbmate runs, each once, in the order of their numbers."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tidegate_chassis.database.errors import MigrationError
from tidegate_chassis.database.names import is_loopback, shown
from tidegate_chassis.database.pool import connect
from tidegate_chassis.embedded import binaries

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x6D69_6772  # "migr": replicas that start together take turns


async def migrate(database_url: str, migrations: Path = MIGRATIONS) -> None:
    """Bring a database to the newest schema; nothing happens when it is there already."""
    connection = await connect(database_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await _run(database_url, migrations)
    finally:
        await connection.close()


async def _run(database_url: str, migrations: Path) -> None:
    # The address travels in the environment, where other users cannot see it, and dbmate runs in
    # the migrations' folder, where no `.env` is.
    process = await asyncio.create_subprocess_exec(
        str(binaries.dbmate()),
        "--no-dump-schema",
        "--migrations-dir",
        str(migrations),
        "migrate",
        cwd=migrations,
        env={"PATH": os.environ.get("PATH", ""), "DATABASE_URL": _dbmate_url(database_url)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise MigrationError(
            expected=f"the migrations of {migrations.name} to apply to {shown(database_url)}",
            found=output.decode(errors="replace").strip(),
            hint="correct the migration or the database, then start again; what failed was "
            "rolled back",
        )


def _dbmate_url(url: str) -> str:
    """Return the address as dbmate's driver wants it: on loopback it must not ask for TLS."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    if is_loopback(url):
        options.setdefault("sslmode", "disable")
    return urlunsplit(("postgres", parts.netloc, parts.path, urlencode(options), ""))
