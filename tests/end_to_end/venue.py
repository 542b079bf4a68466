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

SUBMISSIONS = "select n, payload from journal where shard = $1 and kind = $2 and schema = $3"
ACCEPTED = "select count(*) from journal where shard = $1 and kind = $2 and schema = $3"
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
    """The paper venue of the session ``demo``."""

    def __init__(self, instance: Instance) -> None:
        self._runner = asyncio.Runner()
        self._connection = self._runner.run(asyncpg.connect(instance.database_url("execution")))

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
        rows = await self._connection.fetch(
            SUBMISSIONS, "venue/demo", InputKind.CALLED, "tidegate.execution.v1.SubmitOrder"
        )
        orders = [codec.decode_as(SubmitOrder, row["payload"]) for row in rows]
        accepted = await self._connection.fetchval(
            ACCEPTED, "execution/demo", InputKind.REPLIED, "tidegate.execution.v1.OrderAccepted"
        )
        increasing = sum(not order.specification.reduce_only for order in orders)
        return Standing(len(rows), increasing, accepted)
