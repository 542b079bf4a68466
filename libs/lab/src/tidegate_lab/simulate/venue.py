"""A venue in the outside world: it loses nothing itself, but the way to it and back may.

The matching is the paper venue's own machine. Beside the paper venue that execution hosts in its
own process, a simulated hour can have this one: requests leave the process through a port, can
be lost, land late or land without an answer, and reports of fills can be lost for good.
"""

from __future__ import annotations

import asyncio
from hashlib import blake2b
from typing import TYPE_CHECKING, ClassVar

import msgspec

from tidegate_contracts import codec
from tidegate_contracts.execution import OrderState, SubmitOrder, VenueReport, VenueReportKind
from tidegate_execution.core.paper.filling import end, report
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.core.paper.structures import Structures
from tidegate_kernel.machine import Publish
from tidegate_lab.simulate.process import Process
from tidegate_lab.simulate.together import Together

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from tidegate_chassis.host.shard import Shard
    from tidegate_execution.core.paper.book import PaperBook, PaperOrder
    from tidegate_execution.core.paper.parameters import PaperVenueParameters
    from tidegate_execution.core.paper.structures import _Quoted
    from tidegate_kernel.machine import Body, Effect, Event
    from tidegate_lab.simulate.database import Database
    from tidegate_lab.simulate.world import World

DEADLINE_S = 1.5
WAY_S = 0.02
LATE_S_MAX = 5.0
CONCLUSIVE_AFTER_S = 8.0
"""A request that has not landed by then never will: deadline, way and the longest delay."""
OVERDUE_S_MAX = 12.0
"""How late a request lands at a venue that breaks this promise."""
BROKEN_OF_256 = 48
"""How many of 256 structures the venue fills one leg of, and no more."""


class Sent(msgspec.Struct, frozen=True, gc=False):
    """A submission that left execution's process."""

    at_s: float
    request_id: str
    request: SubmitOrder
    # Which life of execution's process has sent it.
    life: int


class BreakingStructures(Structures):
    """Structures of which the venue breaks some: it fills one leg, and ends the order.

    Which ones follows from their ids, so that the venue's journal says the same again.
    """

    def _execute(
        self,
        order: PaperOrder,
        legs: Sequence[tuple[_Quoted, Decimal]],
        quantity: Decimal,
        at_ns: int,
    ) -> list[Effect]:
        if blake2b(order.client_order_id.encode()).digest()[0] >= BROKEN_OF_256:
            return super()._execute(order, legs, quantity, at_ns)
        execution = self._book_leg(order, legs[0], quantity, at_ns)
        order.reason = "broken"
        end(self._book, self._parameters, order, OrderState.CANCELLED, at_ns)
        kinds = ((VenueReportKind.FILLED, execution), (VenueReportKind.CANCELLED, None))
        return [report(self._parameters, order, kind, "", told) for kind, told in kinds]


class ForgetfulVenue(PaperVenueMachine):
    """The paper venue, whose reports the world may lose, and which breaks some structures.

    It takes an entry together with its exit, if it is asked to.
    """

    loses: ClassVar[Callable[[], bool]] = staticmethod(lambda: False)

    def __init__(self, parameters: PaperVenueParameters, book: PaperBook) -> None:
        """Take structures apart where the paper venue never would."""
        super().__init__(parameters, book)
        self._structures = BreakingStructures(book, parameters, self._measured)
        self._together = Together(parameters, book)

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Take one event; what is reported may reach nobody."""
        return [
            effect
            for effect in (*super().handle(event, now_ns), *self._together.see(event, now_ns))
            if not (
                isinstance(effect, Publish)
                and isinstance(effect.body, VenueReport)
                and type(self).loses()
            )
        ]


class Exchange(Process):
    """The venue's own machine room: no fault of ours reaches it."""

    @property
    def database(self) -> Database:
        """The venue's own."""
        return self.world.databases["exchange"]


class RemotePort:
    """The way to the venue; what is not answered in time is not known."""

    repeat_safe = False

    def __init__(self, world: World, shard: str) -> None:
        """Lead to the venue's shard."""
        self._world = world
        self._shard = shard
        self._landings = 0

    async def call(self, request: Body, request_id: str) -> Body:
        """Make a request; `TimeoutError` when no answer has come in time."""
        world = self._world
        world.note_sent(request_id, request)
        fate = world.way.fate(world.loop.now_s)
        answer: asyncio.Future[bytes] = world.loop.create_future()
        if fate.lands:
            at_s = world.loop.now_s + WAY_S + fate.delay_s
            world.landings_until_s = max(world.landings_until_s, at_s)
            self._landings += 1
            call_id = f"{request_id}@{self._landings}"
            if fate.delay_s > CONCLUSIVE_AFTER_S:
                world.note_overdue(request, at_s)
            landing = _Landing(self, call_id, request, answer if fate.answers else None)
            world.loop.at(at_s, world.exchange.incarnation, landing)
        async with asyncio.timeout(DEADLINE_S):
            payload = await answer
        return codec.decode(*_split(payload))

    async def land(self, call_id: str, request: Body, answer: asyncio.Future[bytes] | None) -> None:
        """Have the venue answer, and take the answer back if it finds the way."""
        shard: Shard | None = self._world.exchange.shard(self._shard)
        assert shard is not None, "the venue is always there"
        self._world.note_landed(request)
        body, _ = await shard.call(call_id, request, None)
        await asyncio.sleep(WAY_S)
        if answer is not None and not answer.done():
            answer.set_result(codec.schema_of(body).encode() + b"\n" + codec.encode(body))


class _Landing:
    __slots__ = ("_answer", "_call_id", "_port", "_request")

    def __init__(
        self,
        port: RemotePort,
        call_id: str,
        request: Body,
        answer: asyncio.Future[bytes] | None,
    ) -> None:
        self._port = port
        self._call_id = call_id
        self._request = request
        self._answer = answer

    def __call__(self) -> None:
        loop = asyncio.get_running_loop()
        landing = self._port.land(self._call_id, self._request, self._answer)
        loop.create_task(landing)  # noqa: RUF006 - the venue's process keeps it


def _split(payload: bytes) -> tuple[str, bytes]:
    schema, _, body = payload.partition(b"\n")
    return schema.decode(), body


class Fate(msgspec.Struct, frozen=True, gc=False):
    """What becomes of a request on its way."""

    lands: bool = True
    answers: bool = True
    delay_s: float = 0.0


class Way:
    """The way to the venue and back; faults add to it."""

    def __init__(self) -> None:
        """Everything arrives at once."""
        self.disturbances: list[Callable[[float], Fate | None]] = []

    def fate(self, now_s: float) -> Fate:
        """Return what becomes of the next request."""
        for disturb in self.disturbances:
            found = disturb(now_s)
            if found is not None:
                return found
        return Fate()
