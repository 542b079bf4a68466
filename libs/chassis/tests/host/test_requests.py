"""Requests that a dead process has left without an outcome."""

from dataclasses import replace

import pytest

from tidegate_chassis.host.definition import ShardDefinition
from tidegate_chassis.host.engine import OpenRequest
from tidegate_chassis.host.inputs import Input, InputKind
from tidegate_chassis.host.ports import LocalShards, ShardPort
from tidegate_chassis.host.requests import Requests, Tag
from tidegate_contracts import codec
from tidegate_contracts.execution import QueryAccount

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
