"""Commands for a shard that another replica leads: they go through the database that both share.

Whoever is asked writes the command down; whoever leads the shard looks for such commands when it
renews its leases, has its machine answer under the asker's call id, and writes the answer down.
A leader that dies in between leaves the command to its successor, and a machine answers a known
call id as before: so a command is carried out once, whoever answers it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from tidegate_chassis.host.requests import COMMAND_PATIENCE_S
from tidegate_chassis.host.statements import load
from tidegate_contracts import codec

if TYPE_CHECKING:
    import asyncpg

    from tidegate_chassis.host.context import HostContext
    from tidegate_chassis.host.shard import Shard
    from tidegate_kernel.machine import Body

LOG = structlog.get_logger("forwarding")
SQL = load("forwarding")
LOOK_S = 0.05
FORGOTTEN_AFTER_S = 60.0


async def forward(pool: asyncpg.Pool, shard: str, call_id: str, body: Body) -> Body:
    """Have a shard's leader answer, wherever it is; the caller bounds the time."""
    await pool.execute(SQL["forward"], call_id, shard, codec.schema_of(body), codec.encode(body))
    try:
        while True:
            answer = await pool.fetchrow(SQL["answer_of"], call_id)
            if answer is not None:
                return codec.decode(answer["answer_schema"], answer["answer"])
            await asyncio.sleep(LOOK_S)
    finally:
        await pool.execute(SQL["forget"], call_id, FORGOTTEN_AFTER_S)


class Forwarded:
    """Answers what other replicas have written down for the shards that this process leads."""

    def __init__(self, context: HostContext) -> None:
        """Answer nothing yet."""
        self._context = context
        self._answering: dict[str, asyncio.Task[None]] = {}

    async def look(self) -> None:
        """Begin to answer whatever waits; a command that nobody waits for any more is left."""
        led = {name: shard for name, shard in self._context.leases.items() if shard.running}
        waiting = await self._context.pool.fetch(SQL["waiting"], list(led), COMMAND_PATIENCE_S)
        for record in waiting:
            call_id = record["call_id"]
            if call_id in self._answering:
                continue
            body = codec.decode(record["schema"], record["payload"])
            answering = self._answer(led[record["shard"]], call_id, body)
            task = asyncio.get_running_loop().create_task(answering)
            self._answering[call_id] = task

    async def _answer(self, shard: Shard, call_id: str, body: Body) -> None:
        try:
            answer, _ = await shard.call(call_id, body, None)
            await self._context.pool.execute(
                SQL["answer"], call_id, codec.schema_of(answer), codec.encode(answer)
            )
        except Exception as error:  # noqa: BLE001 - it is found again, here or by a successor
            LOG.warning("not answered yet", call=call_id, error=repr(error))
        finally:
            self._answering.pop(call_id, None)
