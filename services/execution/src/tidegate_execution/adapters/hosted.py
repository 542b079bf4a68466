"""An execution shard of this process, as the kill switch sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.core.parameters import ExecutionParameters
from tidegate_execution.core.turn import VENUE_PORT

if TYPE_CHECKING:
    from tidegate_chassis.host.definition import Guard, Port
    from tidegate_chassis.host.shard import Shard
    from tidegate_kernel.machine import Body


class Hosted:
    """Wraps one of the host's shards."""

    def __init__(self, shard: Shard) -> None:
        parameters = shard.definition.parameters
        assert isinstance(parameters, ExecutionParameters)
        self._shard = shard
        self.name = shard.definition.shard
        self.session = parameters.session
        self.account = parameters.account

    @property
    def venue_port(self) -> Port:
        """Return where its requests go."""
        return self._shard.definition.ports[VENUE_PORT]

    @property
    def guard(self) -> Guard | None:
        """Return what is asked before its risk-increasing requests leave."""
        return self._shard.definition.guard

    @property
    def machine(self) -> ExecutionMachine | None:
        """Return the machine while this process leads the shard."""
        if not self._shard.running:
            return None
        machine = self._shard.engine.machine
        assert isinstance(machine, ExecutionMachine)
        return machine

    def lease_until_s(self) -> float:
        """Return the monotonic time until which the lease is held."""
        return self._shard.lease_until_s

    async def call(self, call_id: str, body: Body) -> Body:
        """Have the machine answer a command; returns when it is committed."""
        answer, _ = await self._shard.call(call_id, body, None)
        return answer
