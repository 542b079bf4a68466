"""The process of execution: guard, kill switch and hand-over are the service's own.

The kill switch's thread is a task of the same process here. Its file is a part of the world that
a crash leaves alone; what was not written yet is lost.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from tidegate_execution.adapters.guard import Guard
from tidegate_execution.adapters.handover import Handover
from tidegate_execution.adapters.heartbeats import Heartbeats
from tidegate_execution.adapters.hosted import Hosted
from tidegate_execution.adapters.kill_flags import KillFlag, KillFlags
from tidegate_execution.adapters.kill_switch import HEARTBEAT_SUBJECTS, Authority, KillSwitch
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_lab.simulate.network import Client
from tidegate_lab.simulate.process import Process

if TYPE_CHECKING:
    from tidegate_chassis.host.definition import ShardDefinition

FILE_SYNC_S = 0.004


class StoredFlags(KillFlags):
    """Kill flags whose file is in the world."""

    def __init__(self, process: ExecutionProcess) -> None:
        """Read what an earlier life left."""
        super().__init__()
        self._process = process
        self._flags = msgspec.json.decode(process.kill_file, type=tuple[KillFlag, ...])

    def store(self) -> None:
        """Write the flags: all or nothing."""
        self._process.kill_file = msgspec.json.encode(self._flags)


class ExecutionProcess(Process):
    """Execution, with what its `__main__` starts beside the shards."""

    kill_file = b"[]"

    def _definitions(self) -> tuple[ShardDefinition, ...]:
        self.flags = StoredFlags(self)
        self.heartbeats = Heartbeats()
        return tuple(
            replace(each, guard=self._guard(each)) if each.machine is ExecutionMachine else each
            for each in self.definitions
        )

    def _guard(self, definition: ShardDefinition) -> Guard:
        session = definition.session
        return Guard(session, session, False, self.flags, self.heartbeats, self._holds_lease)  # noqa: FBT003

    def _holds_lease(self, shard: str) -> bool:
        hosted = self.context.local.get(shard) if self.context else None
        return hosted is not None and self.world.loop.now_s < hosted.lease_until_s

    async def _beside(self) -> None:
        assert self.context is not None
        shards = [
            Hosted(shard)
            for shard in self.context.local.all()
            if shard.definition.machine is ExecutionMachine
        ]
        self.handover = Handover(self.flags, shards)
        authority = Authority(lambda token: token or None, self.context.verify)
        self.switch = KillSwitch(self.flags, self.heartbeats, authority, self.handover.hand_over)
        loop = asyncio.get_running_loop()
        self.switch.attach(loop)
        # A connection of its own, as the kill switch's thread has.
        client = Client(self.world.server, f"{self.name}-kill")
        await client.subscribe(HEARTBEAT_SUBJECTS, self.switch.on_heartbeat)  # type: ignore[arg-type]
        self._watching = loop.create_task(self.handover.watch())

    def throw(self, flag: KillFlag) -> asyncio.Future[None]:
        """Stop now, as a notice on any path does: flag, shards, file; done when that is written."""
        self.flags.raise_flag(flag)
        loop = self.world.loop
        stored = loop.create_future()

        def store() -> None:
            self.flags.store()
            stored.set_result(None)

        loop.spawn(self.incarnation, self.handover.hand_over(flag))
        loop.at(loop.now_s + FILE_SYNC_S, self.incarnation, store)
        return stored
