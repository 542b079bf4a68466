"""Databases that are written to are kept as of one moment, and come back row by row."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from tidegate_chassis.database import drop_databases, ensure_databases, migrate
from tidegate_chassis.embedded import PostgresServer
from tidegate_chassis.keeping import databases
from tidegate_chassis.keeping.container import FORMAT, Manifest, opened, write_backup
from tidegate_chassis.keeping.errors import TargetNotEmpty
from tidegate_chassis.keeping.guarding import Secrets
from tidegate_chassis.security.secrets import Secret

from .test_container import ORIGIN

pytestmark = pytest.mark.real
PAIR = ("risk", "execution")
NOTHING = Secrets({})
ROW = "insert into journal values ('s', $1, 1, 0, 1, '', '', 0, '', '', '', '', 0, 0, 'core', '')"
SAID = "insert into outbox values ('s', 's', $1, $1, 0, 'x', 'h', 'payload')"


@pytest.fixture(scope="module")
def pairs(postgres: PostgresServer) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Give the addresses of two services' databases, and of two others to restore into."""

    async def made(prefix: str) -> dict[str, str]:
        passwords = {service: Secret(f"password-of-{service}") for service in PAIR}
        urls = await ensure_databases(postgres.url, passwords, prefix)
        for url in urls.values():
            await migrate(url)
        return urls

    try:
        yield asyncio.run(made("kept")), asyncio.run(made("back"))
    finally:
        for prefix in ("kept", "back"):
            asyncio.run(drop_databases(postgres.url, PAIR, prefix))


@asynccontextmanager
async def trading(urls: dict[str, str]) -> AsyncIterator[None]:
    """Write as a pair of services does: risk commits n, and only then execution commits that n."""
    risk, execution = [await asyncpg.connect(url) for url in urls.values()]
    for each in (risk, execution):
        await each.execute(
            "insert into shard values ('s', 1, 'h', clock_timestamp(), 'core') "
            "on conflict do nothing"
        )
    known = await execution.fetchval("select coalesce(max(n), 0) from journal")
    # What risk had alone when its writer was stopped.
    await risk.execute("delete from journal where n > $1", known)
    await risk.execute("delete from outbox where n > $1", known)

    async def write() -> None:
        n = known
        while True:
            n += 1
            for each in (risk, execution):
                async with each.transaction():
                    await each.fetchval("select 1 from shard where shard = 's' for share")
                    await each.execute(ROW, n)
                    await each.execute(SAID, n)

    task = asyncio.create_task(write())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for each in (risk, execution):
            await each.close()


def test_no_commit_lies_between_the_snapshots(
    pairs: tuple[dict[str, str], dict[str, str]],
) -> None:
    """However often: execution has what risk has, or one less that is on its way."""

    async def look() -> None:
        urls, _ = pairs
        async with (
            trading(urls),
            databases.connected(urls) as connections,
            databases.connected(urls) as lockers,
        ):
            last = 0
            for _ in range(20):
                async with databases.one_moment(connections, lockers):
                    risk, execution = [
                        await each.fetchval("select coalesce(max(n), 0) from journal")
                        for each in connections.values()
                    ]
                assert risk - 1 <= execution <= risk
                last = max(last, risk)
            assert last > 0

    asyncio.run(look())


def test_every_row_comes_back(pairs: tuple[dict[str, str], dict[str, str]], tmp_path: Path) -> None:
    """Journal, audit and its counter; the marks are those that were asked for before."""

    async def keep_and_load() -> None:
        kept, back = pairs
        async with (
            trading(kept),
            databases.connected(kept) as connections,
            databases.connected(kept) as lockers,
        ):
            await connections["risk"].execute(
                "insert into audit_log (shard, n, place, term, at, at_ns, session, who, what, "
                "about, why, numbers, trace_id) values ('s', 1, 0, 1, 'epoch', 0, '', 'me', "
                "'RAISED', 'all', 'because', '{}', '')"
            )
            marks = {"risk": [("s", "s", 7)]}
            async with databases.one_moment(connections, lockers):
                shards = await databases.shards_of(connections)
                files = await databases.dump(connections, marks, tmp_path, NOTHING)
        manifest = Manifest(
            format=FORMAT,
            taken_at="",
            origin=ORIGIN,
            instance="main",
            sessions=(),
            gate={},
            shards=tuple(shards),
            files=tuple(files),
        )
        write_backup(tmp_path / "one.backup", manifest, tmp_path)
        async with databases.connected(back) as connections:
            await databases.require_empty(connections)
            with opened(tmp_path / "one.backup") as backup:
                backup.judge()
                await databases.load(connections, backup)
            assert await databases.shards_of(connections) == shards
            risk = connections["risk"]
            assert (await databases.read_marks(connections))["risk"] == [("s", "s", 7)]
            assert await risk.fetchval("select why from audit_log") == "because"
            again = "select nextval(pg_get_serial_sequence('audit_log', 'entry'))"
            assert await risk.fetchval(again) == 2
            with pytest.raises(TargetNotEmpty, match="found the shards s"):
                await databases.require_empty(connections)

    asyncio.run(keep_and_load())
