"""A recording in a real database reads as it was written, and is only read."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import pytest

from tidegate_chassis.configuration import SERVICE_NAMES
from tidegate_chassis.database import migrate, open_pool
from tidegate_chassis.host.facts import Facts
from tidegate_chassis.host.journal import Journal, OutboxRow
from tidegate_chassis.recorded.database import DatabaseRecording
from tidegate_chassis.recorded.recording import Extent
from tidegate_lab.replay.definitions import definitions_of
from tidegate_lab.replay.verify import verify
from tidegate_lab.testing import SESSION, MemoryRecording

if TYPE_CHECKING:
    from tidegate_chassis.host.definition import ShardDefinition

pytestmark = [pytest.mark.real]


async def _write(recording: MemoryRecording, url: str) -> None:
    await migrate(url)
    pool = await open_pool(url)
    try:
        for shard, tails in recording.journals.items():
            journal = Journal(pool, shard, tails[0].core)
            assert await journal.acquire("recorder")
            messages = [
                OutboxRow(m.channel, m.k, m.subject, m.headers, m.payload, m.n, m.at_ns)
                for m in recording.said[shard]
            ]
            await journal.commit([tail.row for tail in tails], messages, Facts())
            for snapshot in recording.snapshots(shard):
                await journal.save_snapshot(snapshot.n, snapshot.state)
    finally:
        await pool.close()


def test_a_database_holds_what_was_recorded(
    recording: MemoryRecording, definitions: list[ShardDefinition], database_url: str
) -> None:
    """Inputs, messages and snapshots come back equal; a replay from there finds no difference."""
    asyncio.run(_write(recording, database_url))
    addresses = dict.fromkeys(SERVICE_NAMES, database_url)
    with DatabaseRecording(recording.configuration, addresses) as found:
        for shard, rows in recording.journals.items():
            assert list(found.rows(shard)) == rows
            assert list(found.rows(shard, 20, 30)) == rows[20:30]
            assert list(found.messages(shard)) == recording.said[shard]
            assert list(found.messages(shard, 50)) == list(recording.messages(shard, 50))
            assert found.message(shard, 3) == recording.message(shard, 3)
            assert found.snapshots(shard) == recording.snapshots(shard)
        assert found.message(f"risk/{SESSION}", 100_000) is None
        assert found.extent("risk/gate") == Extent()
        assert definitions_of(found, SESSION)[0].parameters == definitions[0].parameters
        assert verify(found, SESSION, definitions).differ == 0


def test_nothing_can_be_written(recording: MemoryRecording, database_url: str) -> None:
    """Not even by mistake: the session of the database refuses."""
    asyncio.run(_write(recording, database_url))
    addresses = dict.fromkeys(SERVICE_NAMES, database_url)
    with (
        DatabaseRecording(recording.configuration, addresses) as found,
        pytest.raises(asyncpg.ReadOnlySQLTransactionError),
    ):
        found._run(found._connection("risk").execute("delete from journal"))
