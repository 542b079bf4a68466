"""What really reached the paper venue: read from its own journal, not from what others say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

import asyncpg
import msgspec

from tidegate_chassis.host.inputs import InputKind
from tidegate_contracts import codec
from tidegate_contracts.execution import SubmitOrder

if TYPE_CHECKING:
    from types import TracebackType

    from tests.instances import Instance

SINCE = """
select n, payload from journal
where shard = $1 and kind = $2 and schema = $3 and n > $4 order by n
"""
SUBMITTED = ("venue/demo", InputKind.CALLED, "tidegate.execution.v1.SubmitOrder")
ACCEPTED = ("execution/demo", InputKind.REPLIED, "tidegate.execution.v1.OrderAccepted")
SUBMITTING = """
select count(*) from projection
where shard = $1 and kind = 'order' and document ->> 'state' = 'SUBMITTING'
"""


class Standing(msgspec.Struct, frozen=True):
    """How far the venue is."""

    # Orders that were handed to it, and those of them that could increase a position.
    submitted: int
    increasing: int
    # How often it answered execution that an order is accepted.
    accepted: int


class Venue:
    """The paper venue of the session ``demo``; of its journal each row is read once."""

    def __init__(self, instance: Instance) -> None:
        self._runner = asyncio.Runner()
        self._connection = self._runner.run(asyncpg.connect(instance.database_url("execution")))
        self._read = {SUBMITTED: 0, ACCEPTED: 0}
        self._known = Standing(0, 0, 0)

    def __enter__(self) -> Self:
        """Give it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._runner.run(self._connection.close())
        self._runner.close()

    def standing(self) -> Standing:
        """Read its journal, and execution's for its answers."""
        return self._runner.run(self._standing())

    def on_its_way(self) -> int:
        """Return how many orders execution has written down whose outcome it does not know yet."""
        found: int = self._runner.run(self._connection.fetchval(SUBMITTING, "execution/demo"))
        return found

    async def _standing(self) -> Standing:
        orders = [codec.decode_as(SubmitOrder, each) for each in await self._new(SUBMITTED)]
        accepted = await self._new(ACCEPTED)
        known = self._known
        self._known = Standing(
            submitted=known.submitted + len(orders),
            increasing=known.increasing + sum(not o.specification.reduce_only for o in orders),
            accepted=known.accepted + len(accepted),
        )
        return self._known

    async def _new(self, rows: tuple[str, InputKind, str]) -> list[bytes]:
        """Return the payloads that have come since the last look."""
        found = await self._connection.fetch(SINCE, *rows, self._read[rows])
        if found:
            self._read[rows] = found[-1]["n"]
        return [each["payload"] for each in found]
