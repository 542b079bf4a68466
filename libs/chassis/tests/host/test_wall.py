"""On the wall's clock a price that changes nothing waits for the next commit, and is never lost."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from tidegate_chassis.database import migrate, open_pool
from tidegate_chassis.embedded import NatsServer
from tidegate_chassis.host import deploy
from tidegate_chassis.host.feed import FeedShard
from tidegate_chassis.host.wall import WallShard

from .conftest import PATIENCE_S, ToyProcess, definitions

pytestmark = [pytest.mark.real]
MINUTES = 60
SPEED = 600.0


class WallProcess(ToyProcess):
    """A toy's process whose shard follows the wall's clock."""

    kind = WallShard


async def _committed(pool: asyncpg.Pool) -> list[int]:
    rows = await pool.fetch(
        "select k from journal where shard = 'signals/toy/0' and kind = 1 order by n"
    )
    return [row["k"] for row in rows]


async def _until(pool: asyncpg.Pool, count: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while len(await _committed(pool)) < count:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.02)


async def test_every_price_is_journalled_once_whatever_dies(
    nats_server: NatsServer, database_url: str
) -> None:
    """A reader that dies with prices in its memory reads them again, and decides the same."""
    await migrate(database_url)
    pool = await open_pool(database_url, size_max=8)
    shards = [
        replace(each, lockstep=False, replay=True, speed=SPEED, participants=())
        for each in definitions("toy", MINUTES)[:2]
    ]
    await deploy.ensure_streams(nats_server.url, "", "", shards)
    feed, reader = (WallProcess(each, nats_server.url, pool) for each in shards)
    await feed.start()
    assert isinstance(feed.shard, FeedShard)
    await reader.start()
    for count in (20, 60):
        await _until(pool, count)
        await reader.die()
        await reader.start()
    await _until(pool, 2 * MINUTES)
    assert await _committed(pool) == list(range(1, 2 * MINUTES + 1))
    signals = await pool.fetchval("select count(*) from outbox where shard = 'signals/toy/0'")
    assert signals == 2 * MINUTES // 3
    await reader.die()
    await feed.die()
    await pool.close()
