"""Every service's database as of one moment, while all of them are written to; and back.

A message is published only after its commit. So in every journal each input that is a message was
committed by its producer before. What is kept must be like that too, or a producer that was put
back could say something else in a place that a reader has seen already.

Therefore all databases are locked for an instant against commits (each commit locks a row of
``shard``), a snapshot is opened in each, and the locks are given back: no commit lies between two
of the snapshots. The rows are then copied from the snapshots, for as long as that takes. The locks
stand for milliseconds; who cannot have them in time gives all of them back and tries again, so
that no lease runs out.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

import asyncpg

from tidegate_chassis.database import connect
from tidegate_chassis.keeping.container import BackupFile, KeptFile, KeptShard, kept_file
from tidegate_chassis.keeping.errors import BackupDamaged, NotTaken, TargetNotEmpty

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tidegate_chassis.keeping.guarding import Secrets

Connections = Mapping[str, asyncpg.Connection]
Marks = Mapping[str, Sequence[tuple[str, str, int]]]
"""Per service: (shard, channel, up to where the stream holds it)."""

FOLDER: Final = "databases"
MARKS: Final = "outbox_mark"
# What lives for seconds, and what migrations write themselves.
_LEFT_OUT: Final = ("forwarded", "schema_migrations", MARKS)
_LOCK_WAIT: Final = "250ms"
_ATTEMPTS_MAX: Final = 20
_PAUSE_S: Final = 0.3
_COPY_PATIENCE_S: Final = 3_600.0
_GZIP_LEVEL: Final = 1
_PIECE_BYTES: Final = 256 * 1024

_TABLES = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind = 'r' and not c.relname = any($1::text[])
order by c.relname
"""
_SHARDS = """
select s.shard, s.term,
       coalesce((select n from journal j where j.shard = s.shard order by n desc limit 1), 0) as n,
       coalesce((select core from journal j where j.shard = s.shard order by n desc limit 1),
                s.core) as core,
       coalesce((select max(n) from snapshot p where p.shard = s.shard), 0) as snapshot_n
from shard s order by s.shard
"""
_HEADS = (
    "select channel, max(k) as k from outbox where shard = $1 group by channel order by channel"
)
_SCHEMA = "select coalesce(max(version), '') from schema_migrations"
_GATE = """
select key, document ->> 'level' as level from projection
where kind = 'gate' and document ->> 'level' <> 'OPEN' order by key
"""


@asynccontextmanager
async def connected(urls: Mapping[str, str]) -> AsyncIterator[Connections]:
    """Give one connection to each service's database."""
    async with AsyncExitStack() as stack:
        found = {}
        for service, url in urls.items():
            found[service] = await connect(url, "tidegate-keeping")
            stack.push_async_callback(found[service].close)
        yield found


async def read_marks(connections: Connections) -> Marks:
    """Return up to where the streams held each channel: to be asked before streams are kept."""
    return {
        service: [
            (r["shard"], r["channel"], r["k"])
            for r in await connection.fetch(
                "select shard, channel, k from outbox_mark order by 1, 2"
            )
        ]
        for service, connection in connections.items()
    }


@asynccontextmanager
async def one_moment(connections: Connections, lockers: Connections) -> AsyncIterator[None]:
    """Inside, every connection sees its database as of the same moment, and only reads."""
    for _ in range(_ATTEMPTS_MAX):
        if await _snapshots_taken(connections, lockers):
            break
        await asyncio.sleep(_PAUSE_S)
    else:
        raise NotTaken(
            f"every database to stand still within {_LOCK_WAIT}",
            f"one busy, {_ATTEMPTS_MAX} times",
            "try again, or stop the instance first (`tidegate down`)",
        )
    try:
        yield
    finally:
        for connection in connections.values():
            await connection.execute("rollback")


async def _snapshots_taken(connections: Connections, lockers: Connections) -> bool:
    """Lock all databases, open a snapshot in each, let go; False when one did not stand still."""
    locks = await asyncio.gather(
        *(_lock(each) for each in lockers.values()), return_exceptions=True
    )
    try:
        for outcome in locks:
            if isinstance(outcome, asyncpg.LockNotAvailableError):
                return False
            if isinstance(outcome, BaseException):
                raise outcome
        await asyncio.gather(*(_snapshot(each) for each in connections.values()))
        return True
    finally:
        await asyncio.gather(*(each.execute("rollback") for each in lockers.values()))


async def _lock(connection: asyncpg.Connection) -> None:
    await connection.execute(
        f"begin; set local lock_timeout = '{_LOCK_WAIT}'; lock table shard in exclusive mode"
    )


async def _snapshot(connection: asyncpg.Connection) -> None:
    await connection.execute(
        "begin isolation level repeatable read read only; "
        "set local idle_in_transaction_session_timeout = 0; select 1 from shard limit 1"
    )


async def shards_of(connections: Connections) -> list[KeptShard]:
    """Return every shard as it stands."""
    found = []
    for service, connection in connections.items():
        for row in await connection.fetch(_SHARDS):
            heads = {r["channel"]: r["k"] for r in await connection.fetch(_HEADS, row["shard"])}
            found.append(KeptShard(service=service, heads=heads, **dict(row)))
    return found


async def gate_of(connection: asyncpg.Connection) -> dict[str, str]:
    """Return the levels of the scopes that are not open, from risk's database."""
    return {r["key"]: r["level"] for r in await connection.fetch(_GATE)}


async def schema_of(connections: Connections) -> str:
    """Return the newest migration; all databases must have the same."""
    found = {service: await each.fetchval(_SCHEMA) for service, each in connections.items()}
    if len(set(found.values())) != 1:
        raise NotTaken("one schema in all databases", str(found), "start the instance once")
    schema: str = next(iter(found.values()))
    return schema


async def dump(
    connections: Connections, marks: Marks, folder: Path, secrets: Secrets
) -> list[KeptFile]:
    """Copy every table into a folder; the marks are those that were true before."""
    files = []
    for service, connection in connections.items():
        (folder / FOLDER / service).mkdir(parents=True)
        for record in await connection.fetch(_TABLES, list(_LEFT_OUT)):
            name = f"{FOLDER}/{service}/{record[0]}"
            with gzip.open(folder / name, "wb", compresslevel=_GZIP_LEVEL) as file:
                watching = secrets.watching(file.write, name)
                status = await connection.copy_from_table(
                    record[0],
                    output=watching.take,
                    format="binary",
                    timeout=_COPY_PATIENCE_S,
                )
                watching.settle()
            files.append(kept_file(folder, name, rows=_count(status)))
        files.append(_dump_marks(service, marks.get(service, ()), folder))
    return files


def _dump_marks(service: str, marks: Sequence[tuple[str, str, int]], folder: Path) -> KeptFile:
    name = f"{FOLDER}/{service}/{MARKS}"
    with gzip.open(folder / name, "wt", compresslevel=_GZIP_LEVEL) as file:
        file.writelines(f"{shard}\t{channel}\t{k}\n" for shard, channel, k in marks)
    return kept_file(folder, name, rows=len(marks))


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])


async def require_empty(connections: Connections) -> None:
    """Raise `TargetNotEmpty` unless no shard has ever lived in any of the databases."""
    for service, connection in connections.items():
        shards = [r[0] for r in await connection.fetch("select shard from shard order by 1")]
        if shards:
            raise TargetNotEmpty(
                f"an empty database of {service}",
                f"the shards {', '.join(shards)}",
                "restore into a fresh home, or remove what is there: `tidegate down --purge`",
            )


async def load(connections: Connections, backup: BackupFile) -> None:
    """Put every table back, each database in one transaction."""
    for service, connection in connections.items():
        async with connection.transaction():
            for name in backup.names(f"{FOLDER}/{service}/"):
                table = name.rpartition("/")[2]
                with backup.content(name) as packed, gzip.open(packed) as rows:
                    copied = await _load_table(connection, table, rows)
                kept = backup.manifest.file(name)
                if kept is None or copied != kept.rows:
                    raise BackupDamaged(f"{kept and kept.rows} rows in {name}", str(copied))
            await connection.execute(
                "select setval(pg_get_serial_sequence('audit_log', 'entry'), max(entry)) "
                "from audit_log having max(entry) is not null"
            )


async def _load_table(connection: asyncpg.Connection, table: str, rows: gzip.GzipFile) -> int:
    if table == MARKS:
        lines = [line.decode().rstrip("\n").split("\t") for line in rows]
        await connection.executemany(
            "insert into outbox_mark values ($1, $2, $3)", [(s, c, int(k)) for s, c, k in lines]
        )
        return len(lines)
    return _count(
        await connection.copy_to_table(
            table, source=_pieces(rows), format="binary", timeout=_COPY_PATIENCE_S
        )
    )


async def _pieces(rows: gzip.GzipFile) -> AsyncIterator[bytes]:
    while piece := rows.read(_PIECE_BYTES):
        yield piece
