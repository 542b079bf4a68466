"""The audit on a real PostgreSQL: written with the journal, filtered, paged, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest

from tidegate_chassis.database import migrate, open_pool
from tidegate_chassis.host.definition import AuditEntry
from tidegate_chassis.host.errors import LeaseLost
from tidegate_chassis.host.facts import Facts
from tidegate_chassis.host.inputs import JournalRow
from tidegate_chassis.host.journal import Journal
from tidegate_chassis.host.queries import Audit, AuditQuery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.real
SHARD, TRACE = "risk/demo", "ab" * 16


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Give a database with the journal's schema."""
    await migrate(database_url)
    made = await open_pool(database_url)
    yield made
    await made.close()


def entry(at_ns: int, **changes: str) -> AuditEntry:
    """Return an entry of a time."""
    usual = {"session": "demo", "who": "operator", "what": "RAISED", "about": "all", "why": "test"}
    return AuditEntry(at_ns=at_ns, numbers={"level": "HALTED"}, **{**usual, **changes})


async def commit(journal: Journal, n: int, *entries: AuditEntry) -> None:
    """Journal an input that left these entries behind."""
    row = JournalRow(n, n, 1, "", "", 0, b"", "", "", b"", 0, 0, b"")
    audit = [(n, place, each, TRACE) for place, each in enumerate(entries)]
    await journal.commit([row], [], Facts(audit=audit))


async def test_entries_are_read_newest_first_by_filter_and_page(pool: asyncpg.Pool) -> None:
    """Each with its numbers, its trace and its place; another session's are left out."""
    journal = Journal(pool, SHARD, "core")
    await journal.acquire("here")
    await commit(journal, 1, entry(10), entry(11, what="LOWERED", who="approver"))
    await commit(journal, 2, entry(20, session=""), entry(30, session="other"))
    audit = Audit(pool, [SHARD])
    found = await audit.newest(AuditQuery(session="demo"))
    assert [row["at_ns"] for row in found] == [20, 11, 10]
    assert (found[0]["numbers"], found[0]["trace_id"]) == ({"level": "HALTED"}, TRACE)
    newest = (await audit.newest(AuditQuery(), limit=1))[0]
    rest = await audit.newest(AuditQuery(), before=newest["entry"])
    assert [row["at_ns"] for row in rest] == [20, 11, 10]
    queries = (
        AuditQuery(who="approver"),
        AuditQuery(what="LOWERED"),
        AuditQuery(about="all", since_ns=11, until_ns=12),
    )
    for query in queries:
        assert [row["at_ns"] for row in await audit.newest(query)] == [11]
    assert await Audit(pool, ["risk/gate"]).newest(AuditQuery()) == []


async def test_the_table_shows_times_to_people(pool: asyncpg.Pool) -> None:
    """`at` is the session's time to the microsecond, whatever the year."""
    journal = Journal(pool, SHARD, "core")
    await journal.acquire("here")
    await commit(journal, 1, entry(1_420_070_400_123_456_789))
    told = await pool.fetchval("select at::text from audit_log")
    assert told == "2015-01-01 00:00:00.123456+00"


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_log set who = 'nobody'",
        "delete from audit_log",
        "truncate audit_log",
        "insert into audit_log select * from audit_log on conflict (entry) do update set who = ''",
    ],
)
async def test_nothing_in_it_can_be_changed(pool: asyncpg.Pool, statement: str) -> None:
    """Not by the table's owner, whose connection this is, and not by an administrator."""
    journal = Journal(pool, SHARD, "core")
    await journal.acquire("here")
    await commit(journal, 1, entry(10))
    with pytest.raises(asyncpg.PostgresError):
        await pool.execute(statement)
    assert len(await Audit(pool, [SHARD]).newest(AuditQuery())) == 1


async def test_who_does_not_lead_writes_no_entry(pool: asyncpg.Pool) -> None:
    """The entry is part of the journal's statement, under the same term."""
    stale, newer = Journal(pool, SHARD, "core"), Journal(pool, SHARD, "core")
    await stale.acquire("here")
    await stale.release()
    await newer.acquire("there")
    with pytest.raises(LeaseLost):
        await commit(stale, 1, entry(10))
    assert await Audit(pool, [SHARD]).newest(AuditQuery()) == []
