"""A session of toys on real servers."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

from tidegate_chassis.database import migrate, open_pool
from tidegate_chassis.host import deploy
from tidegate_chassis.host.bus import Bus
from tidegate_chassis.host.chores import Chores
from tidegate_chassis.host.context import HostContext
from tidegate_chassis.host.definition import ShardDefinition
from tidegate_chassis.host.feed import FeedShard
from tidegate_chassis.host.ports import LocalShards
from tidegate_chassis.host.rounds import RoundShard
from tidegate_chassis.host.tracer import Tracer

from .toys import ToyBooks, ToyFeed, ToyParameters, ToySignals, ToySource

if TYPE_CHECKING:
    import asyncpg

    from tidegate_chassis.embedded import NatsServer
    from tidegate_chassis.host.shard import Shard

PATIENCE_S = 40.0


def definitions(session: str, minutes: int) -> list[ShardDefinition]:
    """Return feed, signals and books of one session in lockstep."""
    feed = f"replay-{session}"
    participants = (f"signals/{session}/0", f"portfolio/{session}")
    return [
        ShardDefinition(
            f"market-data/{feed}",
            session,
            ToyFeed,
            ToyParameters(),
            (),
            lockstep=True,
            source=ToySource(minutes, session),
            participants=participants,
        ),
        ShardDefinition(
            participants[0],
            session,
            ToySignals,
            ToyParameters(),
            (f"bars.{feed}.>",),
            lockstep=True,
        ),
        ShardDefinition(
            participants[1],
            session,
            ToyBooks,
            ToyParameters(),
            (f"bars.{feed}.>", f"signals.{session}.>"),
            lockstep=True,
        ),
    ]


class ToyProcess:
    """A shard with connections of its own, as if it were a process; can die and come back."""

    kind: type[Shard] = RoundShard

    def __init__(
        self, definition: ShardDefinition, nats_url: str, pool: asyncpg.Pool, replicas: int = 1
    ) -> None:
        self.definition = definition
        # Hosted by the same process: what the shard asks through its ports.
        self.beside: tuple[ShardDefinition, ...] = ()
        self.replicas = replicas
        self._nats_url = nats_url
        self.pool = pool
        self.shard: Shard

    async def start(self) -> None:
        """Begin, or begin again."""
        service = self.definition.shard.partition("/")[0]
        self.bus = Bus(service, on_violation=lambda text: None)
        await self.bus.connect(self._nats_url, "", "")
        context = HostContext(service, uuid.uuid4().hex, self.pool, self.bus, LocalShards())
        context.tracer = Tracer(service, None)
        context.replicas = self.replicas
        kind = FeedShard if self.definition.source is not None else self.kind
        self.shard = kind(self.definition, context, 0)
        self._others = [kind(each, context, i) for i, each in enumerate(self.beside, start=1)]
        for shard in (self.shard, *self._others):
            context.local.add(shard)
        self._chores = Chores(context, None)
        await self._chores.start()
        loop = asyncio.get_running_loop()
        self.task = loop.create_task(self.shard.run())
        self._tasks = [self.task, *(loop.create_task(shard.run()) for shard in self._others)]

    async def die(self) -> None:
        """Stop in the middle, without a word, and cut the connection."""
        await self._chores.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for shard in (self.shard, *self._others):
            shard._close()
        await self.bus.client.close()


class ToySession:
    """All shards of a session."""

    def __init__(self, name: str, processes: list[ToyProcess]) -> None:
        self.name = name
        self.processes = processes

    @property
    def feed(self) -> FeedShard:
        """Return the feed's shard as it is now."""
        shard = self.processes[0].shard
        assert isinstance(shard, FeedShard)
        return shard

    async def finish(self) -> dict[str, tuple[int, bytes]]:
        """Play to the end; return every shard's channel head and its hash."""
        async with asyncio.timeout(PATIENCE_S):
            while not self.feed.finished:  # noqa: ASYNC110 - the shard may be replaced meanwhile
                await asyncio.sleep(0.02)
        return {
            channel: head
            for process in self.processes
            for channel, head in process.shard.engine.books.heads.items()
        }


Start = Callable[[int], Awaitable[ToySession]]


@pytest.fixture
async def toy_session(nats_server: NatsServer, database_url: str) -> AsyncIterator[Start]:
    """Give a function that starts a session of so many minutes."""
    await migrate(database_url)
    pool = await open_pool(database_url, size_max=12)
    started: list[ToyProcess] = []

    async def start(minutes: int) -> ToySession:
        session = f"toy-{uuid.uuid4().hex[:8]}"
        shards = definitions(session, minutes)
        await deploy.ensure_streams(nats_server.url, "", "", shards)
        processes = [ToyProcess(definition, nats_server.url, pool) for definition in shards]
        started.extend(processes)
        for process in processes:
            await process.start()
        return ToySession(session, processes)

    yield start
    for process in started:
        await process.die()
    await pool.close()
