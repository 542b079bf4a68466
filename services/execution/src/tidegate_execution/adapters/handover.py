"""From flags to latches: every shard that a flag concerns gets it, and is watched until its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec
import structlog

from tidegate_contracts.execution import QueryOrder
from tidegate_contracts.risk import RaiseGate
from tidegate_execution.core.confirmation import LatchStanding
from tidegate_execution.core.machine import ExecutionMachine

if TYPE_CHECKING:
    from tidegate_execution.adapters.kill_flags import KillFlag, KillFlags
    from tidegate_kernel.machine import Body

LOG = structlog.get_logger("kill")
PATIENCE_S = 5.0
WATCH_S = 0.2
Document = dict[str, object]


class ExecutionShard(Protocol):
    """What is needed of a shard that this process may host."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def account(self) -> str:
        """The account that it trades."""
        ...

    @property
    def session(self) -> str:
        """The session that it serves."""
        ...

    @property
    def machine(self) -> ExecutionMachine | None:
        """Its machine while this process leads it."""
        ...

    async def call(self, call_id: str, body: Body) -> Body:
        """Have the machine answer a command; returns when it is committed."""
        ...


class Handover:
    """Hands flags to the shards, and takes them down when lowerings have ended them."""

    def __init__(self, flags: KillFlags, shards: Sequence[ExecutionShard]) -> None:
        self._flags = flags
        self._shards = tuple(shards)
        self._barriers = 0

    async def hand_over(self, flag: KillFlag) -> list[Document]:
        """Have every shard latch a flag; return what each confirms, stored or not."""
        concerned = [each for each in self._shards if flag.concerns(each.session, each.account)]
        await asyncio.gather(*(self._latch(each, flag) for each in concerned))
        return list(await asyncio.gather(*(self.status(each) for each in concerned)))

    async def statuses(self) -> list[Document]:
        """Return how every shard stands to the gate."""
        return list(await asyncio.gather(*(self.status(each) for each in self._shards)))

    async def status(self, shard: ExecutionShard) -> Document:
        """Read a shard's confirmation; ``stored`` when the journal holds all that it rests on."""
        machine = shard.machine
        if machine is None:
            return {
                "shard": shard.name,
                "session": shard.session,
                "stored": False,
                "running": False,
            }
        confirmation = machine.confirmation()
        stored = await self._is_stored(shard)
        document: Document = msgspec.to_builtins(confirmation)
        document["level"] = confirmation.level.name
        document["levels"] = {scope: level.name for scope, level in confirmation.levels.items()}
        return {**document, "stored": stored, "running": True}

    async def _latch(self, shard: ExecutionShard, flag: KillFlag) -> None:
        command = RaiseGate(
            scope=flag.scope, level=flag.level, principal=flag.principal, reason=flag.reason
        )
        if shard.machine is None:
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                await shard.call(flag.flag_id, command)
        except (TimeoutError, ConnectionAbortedError) as error:
            LOG.warning("not latched yet", shard=shard.name, flag=flag.flag_id, error=str(error))
            return
        self._note(flag.flag_id, shard, LatchStanding.HELD)

    async def _is_stored(self, shard: ExecutionShard) -> bool:
        """A question that is answered after everything before it has been committed."""
        self._barriers += 1
        question = QueryOrder(session=shard.session)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await shard.call(f"stored:{self._barriers}:{time.time_ns()}", question)
        except (TimeoutError, ConnectionAbortedError):
            return False
        return True

    async def watch(self) -> None:
        """For ever: hand flags to shards that do not know them, take down what has ended."""
        while True:
            await asyncio.sleep(WATCH_S)
            await self.look_once()

    async def look_once(self) -> None:
        """Compare every flag with every shard once."""
        for flag in self._flags.all:
            for shard in self._shards:
                machine = shard.machine
                if machine is None or not flag.concerns(shard.session, shard.account):
                    continue
                standing = machine.latch_standing(f"{shard.name}:{flag.flag_id}")
                if standing is LatchStanding.UNKNOWN:
                    await self._latch(shard, flag)
                else:
                    self._note(flag.flag_id, shard, standing)
        self._take_down()

    def _note(self, flag_id: str, shard: ExecutionShard, standing: LatchStanding) -> None:
        flag = next((each for each in self._flags.all if each.flag_id == flag_id), None)
        if flag is None:
            return
        noted = flag
        if shard.name not in flag.latched:
            noted = msgspec.structs.replace(noted, latched=(*flag.latched, shard.name))
        if standing is LatchStanding.ENDED and shard.name not in flag.ended:
            noted = msgspec.structs.replace(noted, ended=(*flag.ended, shard.name))
        if noted is not flag:
            self._flags.replace(noted)
            self._flags.store()

    def _take_down(self) -> None:
        for flag in self._flags.all:
            concerned = [s.name for s in self._shards if flag.concerns(s.session, s.account)]
            if all(name in flag.ended for name in concerned):
                self._flags.remove(flag.flag_id)
                self._flags.store()
                LOG.info("flag ended", flag=flag.flag_id, scope=flag.scope)
