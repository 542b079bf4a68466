"""Real venues beside the shards: opened, listened to, and their word brought into the journal.

1. Before any shard runs, each session's venue is put together; a live one must confirm its account.
2. What its private stream tells, of orders or of the account, becomes a call of the session's
   shard, in the order in which it came, under the event's own key: a repeated one is answered
   without being handled again.
3. Nothing is replayed after a connection was lost. So whenever one listens, the account is asked
   for. What is told while the shard is opened anew is left: a new term asks for the account itself.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

import structlog

from tidegate_chassis.configuration.trading_mode import LIVE
from tidegate_contracts.execution import QueryAccount, VenueEntry, VenueReport
from tidegate_execution.adapters.alpaca.venue import AlpacaVenue
from tidegate_execution.adapters.ccxt.venue import CcxtVenue
from tidegate_execution.config import CCXT, venue_settings_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_chassis.configuration.environment import Environment
    from tidegate_chassis.configuration.models import Session
    from tidegate_chassis.host.definition import Guard, Port
    from tidegate_chassis.venues.budget import Budget
    from tidegate_execution.adapters.handover import ExecutionShard
    from tidegate_kernel.machine import Body

LOG = structlog.get_logger("venues")
ANSWER_S = 60.0


class RealVenue(Protocol):
    """One session's venue, whatever it is."""

    @property
    def port(self) -> Port:
        """Where requests go."""
        ...

    @property
    def budget(self) -> Budget:
        """What the account may still ask."""
        ...

    async def open(self) -> None:
        """Make ready; a live one sees that the account is the one that is meant."""
        ...

    def follow(
        self,
        tell: Callable[[VenueReport | VenueEntry, str], None],
        ask_again: Callable[[str], None],
    ) -> None:
        """Listen to the private stream; both are called from any thread."""
        ...

    async def watch(self) -> None:
        """For ever: see that the stream is not mute."""
        ...

    def close(self) -> None:
        """Let go of threads and connections."""
        ...


def real_venue(session: Session, environment: Environment, guard: Guard | None = None) -> RealVenue:
    """Put a session's venue together; `Misconfigured` if the environment does not fit."""
    live = session.mode == LIVE
    if venue_settings_of(session).kind == CCXT:
        return CcxtVenue.from_environment(session, environment, live=live)
    return AlpacaVenue.from_environment(session.name, environment, live=live, guard=guard)


class Desk:
    """Brings what one venue says into its session's shard."""

    def __init__(self, shard: ExecutionShard, venue: RealVenue) -> None:
        self._shard = shard
        self._venue = venue
        self._loop = asyncio.get_running_loop()
        self._told: asyncio.Queue[tuple[str, Body]] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        """Listen, and work for ever."""
        self._venue.follow(self._tell, self._ask_again)
        for work in (self._work(), self._venue.watch()):
            self._keep(self._loop.create_task(work))

    def end(self) -> None:
        """Listen no more."""
        for task in self._tasks:
            task.cancel()
        self._venue.close()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell(self, report: VenueReport | VenueEntry, key: str) -> None:
        self._put(f"stream:{key}", report)

    def _ask_again(self, because: str) -> None:
        LOG.info("asking for the account", session=self._shard.session, because=because)
        question = QueryAccount(session=self._shard.session)
        self._put(f"stream:{because}:{time.time_ns()}", question)

    def _put(self, call_id: str, body: Body) -> None:
        self._loop.call_soon_threadsafe(self._told.put_nowait, (call_id, body))

    async def _work(self) -> None:
        while True:
            call_id, body = await self._told.get()
            if self._shard.machine is None:
                LOG.info("left to the next term", session=self._shard.session, call=call_id)
            elif isinstance(body, VenueReport | VenueEntry):
                await self._call(call_id, body)
            else:
                # Its answer takes as long as the venue does; reports do not wait for it.
                self._keep(self._loop.create_task(self._call(call_id, body)))

    async def _call(self, call_id: str, body: Body) -> None:
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._shard.call(call_id, body)
        except (TimeoutError, ConnectionAbortedError) as error:
            LOG.warning("not taken", session=self._shard.session, call=call_id, error=repr(error))
