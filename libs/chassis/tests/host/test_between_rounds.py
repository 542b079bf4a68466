"""What a shard is called for between rounds is answered, whatever was started again meanwhile."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tidegate_chassis.database import migrate, open_pool
from tidegate_chassis.host import deploy
from tidegate_chassis.host.definition import ShardDefinition
from tidegate_chassis.host.ports import ShardPort
from tidegate_contracts.execution import QueryAccount
from tidegate_kernel.machine import Answer, Called, Replied, Request

from .conftest import PATIENCE_S, ToyProcess, ToySession, definitions
from .toys import Toy, ToyParameters

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tidegate_chassis.embedded import NatsServer
    from tidegate_kernel.machine import Body, Effect, Event

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]


class Desk(Toy):
    """Answers what the venue answers; the call's id is the session that it is asked for."""

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Ask the venue, or pass its answer on."""
        if isinstance(event, Called):
            return [Request("venue", event.body)]
        if isinstance(event, Replied):
            assert isinstance(event.request, QueryAccount)
            return [Answer(event.request.session, event.answer)]
        return ()


class Venue(Toy):
    """Answers with the question."""

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Answer."""
        return [Answer(event.call_id, event.body)] if isinstance(event, Called) else ()


class Finished:
    """A session that has been played to its end, with a desk and a venue in one process."""

    def __init__(self, session: ToySession) -> None:
        self.session = session
        self.feed, *_, self.desk = session.processes

    async def ask(self, call_id: str) -> Body:
        """Call the desk as a person does, between rounds."""
        async with asyncio.timeout(PATIENCE_S):
            answer, _ = await self.desk.shard.call(call_id, QueryAccount(session=call_id), None)
        return answer

    async def restart_feed(self) -> None:
        """Start the feed again, and wait until it has played what it plays again."""
        await self.feed.start()
        await self.session.finish()


@pytest.fixture
async def finished(nats_server: NatsServer, database_url: str) -> AsyncIterator[Finished]:
    """Give a finished session."""
    await migrate(database_url)
    pool = await open_pool(database_url, size_max=12)
    name = f"toy-{uuid.uuid4().hex[:8]}"
    feed, *others = definitions(name, 3)
    desk, venue = (
        ShardDefinition(
            f"{kind}/{name}",
            name,
            machine,
            ToyParameters(),
            (f"bars.replay-{name}.>",),
            lockstep=True,
            ports={"venue": ShardPort(f"venue/{name}")} if machine is Desk else {},
        )
        for kind, machine in (("execution", Desk), ("venue", Venue))
    )
    taking_part = tuple(each.shard for each in (*others, desk, venue))
    shards = [replace(feed, participants=taking_part), *others, desk, venue]
    await deploy.ensure_streams(nats_server.url, "", "", shards)
    processes = [ToyProcess(definition, nats_server.url, pool) for definition in shards[:-1]]
    processes[-1].beside = (venue,)
    for process in processes:
        await process.start()
    session = ToySession(name, processes)
    await session.finish()
    yield Finished(session)
    for process in processes:
        await process.die()
    await pool.close()


async def test_calls_are_answered_after_the_feed_was_started_again(finished: Finished) -> None:
    """It plays the newest instant again, and goes on behind the rounds that calls have opened.

    Takes over 5 s because a lease must run out before a shard can be led anew.
    """
    calls = ["first", "second", "third"]
    assert [await finished.ask(call) for call in calls] == [QueryAccount(session=c) for c in calls]
    reached = finished.desk.shard.engine.books.round
    await finished.feed.die()
    await finished.restart_feed()
    assert finished.session.feed.coordinator.round > reached
    calls = ["fourth", "fifth"]
    assert [await finished.ask(call) for call in calls] == [QueryAccount(session=c) for c in calls]


async def test_what_was_asked_while_the_feed_was_down_is_answered(finished: Finished) -> None:
    """The shard says again that it waits: a report that nobody heard is not the last one.

    Takes over 5 s because a lease must run out before a shard can be led anew.
    """
    await finished.feed.die()
    asking = asyncio.create_task(finished.ask("first"))
    async with asyncio.timeout(PATIENCE_S):
        while not finished.desk.shard.engine.books.requests:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
    await finished.restart_feed()
    assert await asking == QueryAccount(session="first")
