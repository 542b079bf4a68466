"""Raises the gate when what a shard says does not get through.

A shard's lag is the age of its oldest message that the stream has not acknowledged. Above 2 s its
session goes to REDUCE_ONLY, above 10 s to HALTED. Each is raised once; when the lag is over, the
next one is raised anew. Lowering is left to people.

Only sessions on the wall's clock are watched: in lockstep a stream that is behind stops the clock.
A look that comes late itself says nothing, because a process that slept has not read yet what was
acknowledged meanwhile; the one after it counts, late or not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import structlog

from tidegate_contracts.risk import GateLevel, RaiseGate

if TYPE_CHECKING:
    from tidegate_chassis.host.shard import Shard

LOG = structlog.get_logger("lag")
REDUCE_ONLY_ABOVE_S = 2.0
HALTED_ABOVE_S = 10.0
LOOK_S = 0.5
LATE_S = 2 * LOOK_S


class Lagging(Protocol):
    """What is looked at."""

    @property
    def name(self) -> str:
        """The shard's name."""
        ...

    @property
    def session(self) -> str:
        """The session whose gate is raised."""
        ...

    def lag_s(self) -> float:
        """Return the age of the oldest message that is not acknowledged; 0 while not running."""
        ...


class HostedLag:
    """One of the host's shards, as it is looked at."""

    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self.name = shard.definition.shard
        self.session = shard.definition.session

    def lag_s(self) -> float:
        """Return the age of the oldest message that is not acknowledged; 0 while not running."""
        return self._shard.outbox.oldest_s() if self._shard.running else 0.0


class LagWatch:
    """Looks at the shards of one process."""

    def __init__(
        self, shards: Sequence[Lagging], raise_gate: Callable[[RaiseGate], Awaitable[object]]
    ) -> None:
        """``raise_gate`` carries a raise out; when it fails, the next look tries again."""
        self._shards = tuple(shards)
        self._raise_gate = raise_gate
        self._raised: dict[str, GateLevel] = {}
        self._looked_s = float("-inf")
        self._skipped = False

    async def watch(self, principal: str) -> None:
        """Look for ever; ``principal`` is who raises: the service."""
        while True:
            await self.look(time.monotonic(), principal)
            await asyncio.sleep(LOOK_S)

    async def look(self, now_s: float, principal: str) -> None:
        """Look once."""
        late = now_s - self._looked_s > LATE_S
        self._looked_s = now_s
        self._skipped = late and not self._skipped
        if self._skipped:
            return
        for shard in self._shards:
            lag_s = shard.lag_s()
            level = level_of(lag_s)
            if level is GateLevel.OPEN:
                self._raised.pop(shard.name, None)
            elif level > self._raised.get(shard.name, GateLevel.OPEN):
                reason = f"{shard.name}: the stream is {lag_s:.1f} s behind"
                await self._raise(
                    shard,
                    RaiseGate(
                        scope=f"session:{shard.session}",
                        level=level,
                        principal=principal,
                        reason=reason,
                    ),
                )

    async def _raise(self, shard: Lagging, command: RaiseGate) -> None:
        LOG.error("lag", shard=shard.name, level=command.level.name, reason=command.reason)
        try:
            await self._raise_gate(command)
        except Exception as error:  # noqa: BLE001 - the host's loop: said, and tried again
            LOG.error("lag could not raise the gate", shard=shard.name, error=repr(error))  # noqa: TRY400
            return
        self._raised[shard.name] = command.level


def level_of(lag_s: float) -> GateLevel:
    """Return the level that a lag asks for."""
    if lag_s > HALTED_ABOVE_S:
        return GateLevel.HALTED
    return GateLevel.REDUCE_ONLY if lag_s > REDUCE_ONLY_ABOVE_S else GateLevel.OPEN


def watched(shards: Sequence[Shard]) -> list[Lagging]:
    """Return the shards of sessions on the wall's clock, as they are looked at."""
    return [
        HostedLag(shard)
        for shard in shards
        if shard.definition.session and not shard.definition.lockstep
    ]
