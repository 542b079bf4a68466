"""What a shard reads and has no use for is journalled too, so that nobody asks for it again."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

import pytest

from tidegate_chassis.database import migrate, open_pool
from tidegate_chassis.host import deploy
from tidegate_chassis.host.bus import Bus
from tidegate_chassis.host.definition import ShardDefinition
from tidegate_chassis.host.inputs import InputKind
from tidegate_chassis.host.wall import WallShard
from tidegate_contracts import codec
from tidegate_contracts.execution import QueryAccount
from tidegate_contracts.host import Resend

from .conftest import PATIENCE_S, ToyProcess
from .toys import ToyBooks, ToyParameters, ToyTill

if TYPE_CHECKING:
    from tidegate_chassis.embedded import NatsServer
    from tidegate_chassis.host.lane import Heard

pytestmark = [pytest.mark.real]
COUNT = 20
_SKIPS = "select k from journal where shard = $1 and kind = $2 order by n desc limit 1"


class WallProcess(ToyProcess):
    """A toy on the wall's clock."""

    kind = WallShard


async def test_a_takeover_asks_for_nothing_that_was_read_and_dropped(
    nats_server: NatsServer, database_url: str
) -> None:
    """A reader of a channel that says nothing to it is further after a crash all the same."""
    await migrate(database_url)
    pool = await open_pool(database_url, size_max=12)
    session = f"toy-{uuid.uuid4().hex[:8]}"
    till = ShardDefinition(f"portfolio/{session}", session, ToyTill, ToyParameters(), ())
    # It reads performance; the till says accounts, in the same channel.
    reads = (f"portfolio.{session}.performance",)
    reader = ShardDefinition(f"risk/{session}", session, ToyBooks, ToyParameters(), reads)
    await deploy.ensure_streams(nats_server.url, "", "", [till, reader])
    speaking, reading = (WallProcess(each, nats_server.url, pool) for each in (till, reader))
    asked: list[int] = []
    ear = Bus("test", on_violation=lambda text: None)
    await ear.connect(nats_server.url, "", "")

    def hear(message: Heard) -> None:
        resend = codec.decode("tidegate.host.v1.Resend", message.data)
        assert isinstance(resend, Resend)
        asked.append(resend.from_k)

    await ear.listen("resend.portfolio", hear)
    await speaking.start()
    await reading.start()
    async with asyncio.timeout(PATIENCE_S):
        while not (speaking.shard.running and reading.shard.running):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        for number in range(COUNT):
            await speaking.shard.call(f"call-{number}", QueryAccount(session=session), None)
        while await pool.fetchval(_SKIPS, reader.shard, InputKind.SKIPPED) != COUNT:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        assert reading.shard.committed(till.shard) == COUNT
        await reading.die()
        asked.clear()
        await reading.start()
        while not asked:  # noqa: ASYNC110 - shards have no event for everything
            await asyncio.sleep(0.02)
    assert asked == [COUNT + 1]
    assert reading.shard.reader.position(till.shard) == COUNT
    for process in (reading, speaking):
        await process.die()
    await ear.close()
    await pool.close()
