"""The journal on a real PostgreSQL: what a takeover asks of an outbox."""

from __future__ import annotations

import pytest

from tidegate_chassis.database import migrate, open_pool
from tidegate_chassis.host.facts import Facts
from tidegate_chassis.host.inputs import JournalRow
from tidegate_chassis.host.journal import Journal, OutboxRow

pytestmark = pytest.mark.real


async def test_a_takeover_finds_heads_and_what_the_stream_may_not_hold(database_url: str) -> None:
    """Of every channel the last k, and the messages after its mark, in the order of deciding."""
    await migrate(database_url)
    pool = await open_pool(database_url)
    journal = Journal(pool, "risk/demo", "core")
    await journal.acquire("here")
    assert await journal.outbox_heads() == {}
    assert await journal.unmarked() == []
    messages = [
        OutboxRow(channel, k, "subject", "headers", b"", n)
        for n, (channel, k) in enumerate(
            [("a", 1), ("b", 1), ("a", 2), ("c", 1), ("b", 2), ("a", 3)], 1
        )
    ]
    rows = [JournalRow(n, 1, 1, "", "", 0, b"", "", "", b"", 0, 0, b"") for n in range(1, 7)]
    await journal.commit(rows, messages, Facts())
    await journal.mark({"a": 2, "c": 1})
    assert await journal.outbox_heads() == {"a": 3, "b": 2, "c": 1}
    found = [(row.channel, row.k) for row in await journal.unmarked()]
    assert found == [("b", 1), ("b", 2), ("a", 3)]
    other = Journal(pool, "risk/other", "core")
    await other.acquire("here")
    assert await other.outbox_heads() == {}
    await pool.close()
