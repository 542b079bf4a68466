"""Messages in batches: each once, in order, under one identity, and stored in the end."""

import asyncio
import uuid

import asyncpg
import pytest
from hypothesis import given, strategies as st

from tidegate_chassis.database import migrate, open_pool
from tidegate_chassis.embedded import NatsServer
from tidegate_chassis.host import deploy
from tidegate_chassis.host.batches import BATCH_MAX, BATCH_MIN, batch_identity, in_batches
from tidegate_chassis.host.bus import Bus
from tidegate_chassis.host.envelope import HEADER
from tidegate_chassis.host.journal import Journal, OutboxRow
from tidegate_chassis.host.lane import Heard
from tidegate_chassis.host.outbox import Outbox, header_lines

PATIENCE_S = 20.0


def _row(k: int, channel: str = "market-data/toy", subject: str = "bars.toy.x.y.z") -> OutboxRow:
    return OutboxRow(channel, k, subject, header_lines(f"id {channel} {k}", "", ""), b"price")


@given(st.lists(st.sampled_from(["bars.toy.x", "signals.toy.x", "fills.toy.x"])))
def test_batches_hold_every_message_once_in_order_and_one_stream_each(subjects: list[str]) -> None:
    """A stream takes a batch only whole."""
    rows = [_row(k, subject=subject) for k, subject in enumerate(subjects)]
    found = list(in_batches(rows))
    assert [row for batch in found for row in batch] == rows
    assert all(len({row.subject for row in batch}) == 1 for batch in found)


def test_no_batch_is_longer_than_the_server_takes() -> None:
    """What is more goes into the next."""
    found = [len(batch) for batch in in_batches([_row(k) for k in range(BATCH_MAX + 3)])]
    assert found == [BATCH_MAX, 3]


def test_no_two_batches_have_one_name() -> None:
    """Neither those of another term nor of another shard."""
    names = {batch_identity(s, t, c) for s in ("a", "b") for t in (1, 2) for c in (1, 2)}
    assert len(names) == 8


@pytest.mark.real
@pytest.mark.parametrize("takes_batches", [True, False])
async def test_the_stream_holds_every_message_also_when_it_refuses_batches(
    nats_server: NatsServer, database_url: str, *, takes_batches: bool
) -> None:
    """Then they go out again one by one; readers on core NATS hear the first copies at once."""
    await migrate(database_url)
    pool = await open_pool(database_url)
    await deploy.ensure_streams(nats_server.url, "", "", [])
    bus = Bus("test", on_violation=lambda text: None)
    await bus.connect(nats_server.url, "", "")
    stream = bus.client.jetstream()
    try:
        config = (await stream.stream_info("MARKET")).config
        await stream.update_stream(config.evolve(allow_atomic=takes_batches))
        await stream.purge_stream("MARKET")
        await _publish_until_stored(bus, pool, 2 * BATCH_MIN)
        assert (await stream.stream_info("MARKET")).state.messages == 2 * BATCH_MIN
    finally:
        await bus.close()
        await pool.close()


async def _publish_until_stored(bus: Bus, pool: asyncpg.Pool, count: int) -> None:
    heard: list[Heard] = []
    await bus.listen("bars.>", heard.append)
    shard = f"market-data/{uuid.uuid4().hex}"
    journal = Journal(pool, shard, "core")
    assert await journal.acquire("test")
    outbox = Outbox(bus, journal, 0)
    await outbox.start()
    outbox.publish([_row(k, shard) for k in range(1, count + 1)])
    async with asyncio.timeout(PATIENCE_S):
        while outbox.open_count or len(heard) < count:
            await asyncio.sleep(0.05)
            await outbox.tend()
    places = [message.headers[HEADER] for message in heard[:count] if message.headers]
    assert places == [f"id {shard} {k}" for k in range(1, count + 1)]
