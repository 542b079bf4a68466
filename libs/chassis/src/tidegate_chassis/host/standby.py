"""Waiting for a shard's lease, a step behind the journal of whoever holds it.

A standby looks at the lease without locking it and handles what the leader has journalled since,
so that a takeover has at most a moment's inputs left to handle again. It tries to take the lease
only when that has run out, or was given back.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tidegate_chassis.host.errors import OtherCore
from tidegate_chassis.host.recovery import Recovery

if TYPE_CHECKING:
    from tidegate_chassis.host.journal import Lease
    from tidegate_chassis.host.shard import Shard

STANDBY = "standby"
FOLLOW_S = 0.25
# The lease must have run out by the database's clock when it is asked for.
AFTER_S = 0.005


class Standby:
    """One shard of this process while another process may lead it."""

    def __init__(self, shard: Shard, recovery: Recovery) -> None:
        """``recovery`` is what follows the journal."""
        self._shard = shard
        self._recovery = recovery

    async def until_free(self) -> Recovery:
        """Return what has followed the journal, once the lease is free or the shard drains."""
        shard = self._shard
        while not shard.draining:
            asked_s = time.monotonic()
            lease = await shard.journal.lease()
            if lease is None or lease.left_s < 0 or lease.holder == shard.context.holder:
                break
            shard.state, shard.reason = STANDBY, await self._follow(lease)
            free_s = asked_s + lease.left_s + AFTER_S
            await asyncio.sleep(max(0.0, min(FOLLOW_S, free_s - time.monotonic())))
        return self._recovery

    async def _follow(self, lease: Lease) -> str:
        """Handle what the leader has journalled; say where that leads to."""
        leader = f"{lease.holder} leads under term {lease.term}"
        try:
            await self._recovery.catch_up()
        except OtherCore:
            # It will leave a snapshot when it drains, and a release waits for that.
            self._recovery = Recovery(self._shard.definition, self._shard.journal)
            return f"{leader} with another version of the core, which cannot be followed"
        return f"{leader}, followed to n={self._recovery.n}"
