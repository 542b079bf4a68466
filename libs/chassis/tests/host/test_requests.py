"""Requests: their outcomes, those that a dead process has left without one, and their measures."""

import asyncio
from dataclasses import replace

import msgspec
import pytest

from tidegate_chassis.host.definition import ShardDefinition
from tidegate_chassis.host.engine import OpenRequest
from tidegate_chassis.host.errors import PortUnavailable
from tidegate_chassis.host.inputs import Input, InputKind
from tidegate_chassis.host.ports import LocalShards, ShardPort
from tidegate_chassis.host.requests import Requests, Tag
from tidegate_chassis.telemetry import PROCESS, names
from tidegate_contracts import codec
from tidegate_contracts.execution import QueryAccount, VenueAccount
from tidegate_kernel.machine import Body

from .toys import ToyParameters, ToySignals

DEFINITION = ShardDefinition(
    shard="execution/toy",
    session="toy",
    machine=ToySignals,
    parameters=ToyParameters(),
    reads=(),
    ports={"venue": ShardPort("venue/toy")},
)


def _open(*, guarded: bool) -> OpenRequest:
    body = QueryAccount(session="toy")
    schema, payload = codec.schema_of(body), codec.encode(body)
    return OpenRequest("execution/toy:7.0", "venue", schema, payload, guarded, 0, 0)


@pytest.mark.parametrize(
    ("lockstep", "guarded", "interrupted"),
    [(False, True, True), (False, False, False), (True, True, False)],
)
async def test_a_guarded_request_is_not_repeated_on_the_walls_clock(
    *, lockstep: bool, guarded: bool, interrupted: bool
) -> None:
    """What allowed it may be over, and a refusal now would not prove that it never left before."""
    outcomes: list[Input] = []

    def outcome(item: Input, _tag: Tag | None) -> None:
        outcomes.append(item)

    definition = replace(DEFINITION, lockstep=lockstep)
    requests = Requests(definition, LocalShards(), outcome, lambda: False)
    requests.resume([_open(guarded=guarded)])
    requests.stop()
    assert [item.kind for item in outcomes] == ([InputKind.INTERRUPTED] if interrupted else [])


class _Venue:
    """Answers, is not there, or breaks, as it is told."""

    repeat_safe = False

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    async def call(self, _request: Body, _request_id: str) -> Body:
        if self._error is not None:
            raise self._error
        return VenueAccount()


@pytest.mark.parametrize(
    ("error", "kind", "took", "withheld"),
    [
        (None, InputKind.REPLIED, "answered", ""),
        (OSError("broken"), InputKind.INTERRUPTED, "unknown", ""),
        (PortUnavailable("closed"), InputKind.WITHHELD, "", "PORT_UNAVAILABLE"),
    ],
)
async def test_a_request_is_measured_by_its_outcome(
    error: Exception | None, kind: InputKind, took: str, withheld: str
) -> None:
    """What left is timed; what provably did not is counted by its code."""
    told: asyncio.Future[InputKind] = asyncio.get_running_loop().create_future()
    shard = f"execution/{kind.name.lower()}"
    definition = replace(DEFINITION, shard=shard, ports={kind.name: _Venue(error)})
    requests = Requests(
        definition, LocalShards(), lambda item, _tag: told.set_result(item.kind), lambda: False
    )
    requests.make(msgspec.structs.replace(_open(guarded=False), port=kind.name))
    assert await told is kind
    if took:
        assert PROCESS.value(names.REQUEST_SECONDS, (kind.name, took)) == 1
    if withheld:
        assert PROCESS.value(names.REQUESTS_WITHHELD, (shard, withheld)) == 1
