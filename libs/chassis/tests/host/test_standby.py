"""Two processes of one shard: one leads, the other follows its journal and takes over."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tidegate_chassis.database import migrate, open_pool
from tidegate_chassis.host import deploy
from tidegate_chassis.host.definition import ShardDefinition
from tidegate_chassis.host.forwarding import forward
from tidegate_chassis.host.inputs import InputKind
from tidegate_chassis.host.wall import WallShard
from tidegate_contracts.execution import QueryAccount
from tidegate_contracts.portfolio import AccountSnapshot

from .conftest import ToyProcess
from .toys import ToyParameters, ToyTill

if TYPE_CHECKING:
    import asyncpg

    from tidegate_chassis.embedded import NatsServer

pytestmark = [pytest.mark.real]
PATIENCE_S = 20.0


class WallProcess(ToyProcess):
    """A toy on the wall's clock."""

    kind = WallShard


@dataclass(frozen=True)
class Pair:
    """A leader and its standby, and the database that they share."""

    leader: WallProcess
    standby: WallProcess
    pool: asyncpg.Pool

    @property
    def name(self) -> str:
        """The shard's name."""
        return self.leader.definition.shard

    async def ask(self, process: WallProcess, call_id: str) -> Decimal:
        """Ask a process that leads."""
        question = QueryAccount(session=self.leader.definition.session)
        answer, _ = await process.shard.call(call_id, question, None)
        assert isinstance(answer, AccountSnapshot)
        return answer.cash

    async def forward(self, call_id: str) -> Decimal:
        """Ask as a standby is asked."""
        question = QueryAccount(session=self.leader.definition.session)
        answer = await forward(self.pool, self.name, call_id, question)
        assert isinstance(answer, AccountSnapshot)
        return answer.cash


async def until(holds: Callable[[], bool]) -> None:
    """Return once something holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - shards have no event for everything
            await asyncio.sleep(0.02)


@pytest.fixture
async def pair(nats_server: NatsServer, database_url: str) -> AsyncIterator[Pair]:
    """Give two processes, the first of which leads."""
    await migrate(database_url)
    pool = await open_pool(database_url, size_max=12)
    session = f"toy-{uuid.uuid4().hex[:8]}"
    definition = ShardDefinition(f"portfolio/{session}", session, ToyTill, ToyParameters(), ())
    await deploy.ensure_streams(nats_server.url, "", "", [definition])
    first, second = (WallProcess(definition, nats_server.url, pool, replicas=2) for _ in range(2))
    await first.start()
    await until(lambda: first.shard.running)
    await second.start()
    await until(lambda: second.shard.state == "standby")
    yield Pair(first, second, pool)
    for process in (first, second):
        await process.die()
    await pool.close()


async def test_a_standby_has_followed_when_it_takes_over(pair: Pair) -> None:
    """It knows every input before the leader dies, and goes on under the next term."""
    answers = [await pair.ask(pair.leader, f"call-{number}") for number in range(20)]
    assert answers == [Decimal(number) for number in range(1, 21)]
    n = pair.leader.shard.engine.books.n
    await until(lambda: pair.standby.shard.reason.endswith(f"followed to n={n}"))
    await pair.leader.die()
    await until(lambda: pair.standby.shard.running)
    assert pair.standby.shard.term == 2
    assert await pair.ask(pair.standby, "call-3") == 4
    assert await pair.ask(pair.standby, "call-20") == 21


async def test_a_standby_takes_over_at_once_what_is_given_back(pair: Pair) -> None:
    """A process that drains leaves a snapshot and its lease; nothing is handled again."""
    await pair.ask(pair.leader, "call")
    await pair.leader.shard.drain()
    await pair.leader.task
    await pair.leader.shard.leave()
    await until(lambda: pair.standby.shard.running)
    assert await pair.ask(pair.standby, "another") == 2


async def test_a_command_given_to_a_standby_is_answered_by_the_leader(pair: Pair) -> None:
    """Once, however often it is looked for; nothing of it is left in the database."""
    assert await pair.forward("operator:1") == 1
    assert pair.standby.shard.state == "standby"
    assert await pair.ask(pair.leader, "operator:1") == 1
    assert await pair.pool.fetchval("select count(*) from forwarded") == 0


async def test_a_command_that_a_leader_did_not_answer_is_its_successors(pair: Pair) -> None:
    """Whoever asked waits through the takeover, and the command is carried out once."""
    await pair.leader.die()
    assert await pair.forward("operator:1") == 1
    assert pair.standby.shard.running
    calls = await pair.pool.fetchval(
        "select count(*) from journal where shard = $1 and kind = $2", pair.name, InputKind.CALLED
    )
    assert calls == 1


async def test_a_command_that_comes_between_two_lives_is_refused_and_answered_later(
    pair: Pair,
) -> None:
    """Taken then, it would be forgotten when the shard runs again, and never answered."""
    pair.leader.shard.fail(OSError("the bus is gone"))
    await until(lambda: not pair.leader.shard.running)
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(ConnectionAbortedError, match="does not run"):
            await pair.ask(pair.leader, "operator:1")
        assert await pair.forward("operator:1") == 1


async def test_a_journal_of_another_core_is_not_followed(pair: Pair) -> None:
    """It waits for that version to drain, and says so."""
    pair.leader.shard.journal.core = "another"
    await pair.ask(pair.leader, "call")
    await until(lambda: "another version of the core" in pair.standby.shard.reason)
    assert pair.standby.shard.state == "standby"
