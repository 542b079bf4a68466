"""Making the requests of a shard: guard, port, outcome.

A request was journalled before it comes here. Its outcome goes back to the shard as an input:
`Replied`, `Withheld` (it provably did not leave) or `Interrupted` (nothing is proven).
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

from tidegate_chassis.host import crash
from tidegate_chassis.host.engine import OpenRequest
from tidegate_chassis.host.errors import PortUnavailable
from tidegate_chassis.host.inputs import Input, InputKind
from tidegate_chassis.host.ports import ShardPort
from tidegate_chassis.host.timing import wall_ns
from tidegate_chassis.telemetry import PROCESS, names
from tidegate_contracts import codec
from tidegate_kernel.machine import Interrupted, Replied, Withheld

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_chassis.host.definition import Port, ShardDefinition
    from tidegate_chassis.host.ports import LocalShards
    from tidegate_kernel.machine import Body

LOG = structlog.get_logger("requests")
RETRY_S = 0.1
COMMAND_PATIENCE_S = 10.0
Tag = tuple[int, int]
"""An instant and a round."""


class Requests:
    """The requests of one shard that are under way."""

    def __init__(
        self,
        definition: ShardDefinition,
        local: LocalShards,
        outcome: Callable[[Input, Tag | None], None],
        behind: Callable[[], bool],
    ) -> None:
        """``outcome`` gets each outcome with the round in which it was given, if in rounds.

        ``behind`` tells whether the stream is too far behind what this shard has said.
        """
        self._behind = behind
        self._definition = definition
        self._local = local
        self._outcome = outcome
        self._tasks: set[asyncio.Task[None]] = set()

    def make(self, request: OpenRequest) -> None:
        """Start a request that the journal holds."""
        task = asyncio.get_running_loop().create_task(self._make(request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def resume(self, requests: list[OpenRequest]) -> None:
        """After a restart: repeat what may be repeated, report the rest as interrupted.

        On the wall's clock a guarded request is not repeated: what allowed it may be over by now,
        and if the guard held it back, that would not prove that it never left before. The machine
        asks the venue instead and decides anew. In lockstep a restart changes nothing.
        """
        for request in requests:
            port = self._definition.ports[request.port]
            if port.repeat_safe and (self._definition.lockstep or not request.guarded):
                self.make(request)
            else:
                body = codec.decode(request.schema, request.payload)
                self._tell(request, InputKind.INTERRUPTED, Interrupted(request.port, body))

    def stop(self) -> None:
        """Forget what is under way; the journal knows it."""
        for task in self._tasks:
            task.cancel()

    async def _make(self, request: OpenRequest) -> None:
        body = codec.decode(request.schema, request.payload)
        port = self._definition.ports[request.port]
        held = self._held_back(body) if request.guarded else None
        if held is not None:
            withheld = Withheld(request.port, body, held[0], held[1])
            self._tell(request, InputKind.WITHHELD, withheld)
            return
        crash.visit("before_request")
        if isinstance(port, ShardPort):
            await self._make_local(request, body, port)
        else:
            await self._make_outside(request, body, port)

    def _held_back(self, body: Body) -> tuple[str, str] | None:
        """Ask the guard, and the outbox: what the stream does not hold may not grow riskier."""
        guard = self._definition.guard
        held = None if guard is None else guard(body, wall_ns())
        if held is None and not self._definition.lockstep and self._behind():
            return "OUTBOX_BEHIND", "expected the stream to hold what was said within 2 s"
        return held

    async def _make_local(self, request: OpenRequest, body: Body, port: ShardPort) -> None:
        tag = (request.instant_ns, request.round) if self._definition.lockstep else None
        told = await self._ask_local(port.shard, request.request_id, body, tag)
        while told is None:
            await asyncio.sleep(RETRY_S)
            told = await self._ask_local(port.shard, request.request_id, body, tag)
        crash.visit("after_request")
        answer, answered = told
        event = Replied(request.port, body, answer)
        self._tell(request, InputKind.REPLIED, event, answered if tag else None)

    async def _ask_local(
        self, shard: str, request_id: str, body: Body, tag: Tag | None
    ) -> tuple[Body, Tag] | None:
        target = self._local.get(shard)
        if target is None or not target.running:
            return None
        try:
            return await target.call(request_id, body, tag)
        except ConnectionAbortedError:
            LOG.info("asking again", request=request_id, shard=shard)
            return None

    async def _make_outside(self, request: OpenRequest, body: Body, port: Port) -> None:
        began_s = time.monotonic()
        try:
            answer = await port.call(body, request.request_id)
        except PortUnavailable as error:
            event = Withheld(request.port, body, "PORT_UNAVAILABLE", str(error))
            self._tell(request, InputKind.WITHHELD, event)
        except Exception as error:  # noqa: BLE001 - the host's loop: nothing is proven
            LOG.warning("outcome unknown", request=request.request_id, error=repr(error))
            _took(request, "unknown", began_s)
            self._tell(request, InputKind.INTERRUPTED, Interrupted(request.port, body))
        else:
            crash.visit("after_request")
            _took(request, "answered", began_s)
            self._tell(request, InputKind.REPLIED, Replied(request.port, body, answer))

    def _tell(
        self,
        request: OpenRequest,
        kind: InputKind,
        event: Replied | Withheld | Interrupted,
        tag: Tag | None = None,
    ) -> None:
        if isinstance(event, Withheld):
            PROCESS.count(names.REQUESTS_WITHHELD, (self._definition.shard, event.code))
        self._outcome(Input(kind, event, name=request.request_id), tag)


def _took(request: OpenRequest, outcome: str, began_s: float) -> None:
    """Measure a request that left this process."""
    PROCESS.observe(names.REQUEST_SECONDS, time.monotonic() - began_s, (request.port, outcome))
