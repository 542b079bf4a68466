"""A stream that takes no more: what does not get through shuts the gate, and only people open it.

The stream is full, as its fuse would have it: core NATS still carries every message, but nothing
acknowledges those of one service. One instance on the wall's clock plays for both tests.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import nats
import pytest
from tests.instances import eventually, running, tell

from tidegate_chassis.testing import server_folder
from tidegate_contracts.permissions import DEPLOY, inbox_prefix

from .conftest import wall_configuration
from .killing import held, lower_with_two
from .market import write_bars
from .watching import assert_trading_resumes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.instances import Document, Instance

pytestmark = [
    pytest.mark.real,
    pytest.mark.end_to_end,
    pytest.mark.timeout(240),
    pytest.mark.xdist_group("lag"),
]

SCOPE = "session:demo"


@pytest.fixture(scope="module")
def wall() -> Iterator[Instance]:
    """Give an instance that trades on the wall's clock for minutes."""
    with server_folder() as folder:
        bars = write_bars(folder, symbols=4, days=6_000)
        with running(folder, wall_configuration(bars)) as instance:
            yield instance


async def bound(instance: Instance, stream: str, messages_max: int) -> None:
    """Let a stream hold so many messages and refuse every further one; -1 lifts the bound."""
    user, password = instance.credentials(DEPLOY)
    client = await nats.connect(
        instance.record.nats_url,
        user=user,
        password=password,
        inbox_prefix=inbox_prefix(user).encode(),
    )
    try:
        context = client.jetstream()
        found = await context.stream_info(stream)
        limit = found.state.messages if messages_max == 0 else messages_max
        await context.update_stream(found.config.evolve(max_msgs=limit))
    finally:
        await client.close()


def raise_of(instance: Instance, level: str) -> Document | None:
    """Return what risk's gate says of the session once it has this level."""
    scopes = instance.get("risk", "/v1/gate")["scopes"]
    return next((s for s in scopes if (s["scope"], s["level"]) == (SCOPE, level)), None)


# Each takes over 5 s, because the lag itself takes 10.
@pytest.mark.parametrize(("service", "stream"), [("risk", "VERDICTS"), ("execution", "ORDERS")])
def test_a_stream_that_is_behind_shuts_the_gate_of_its_session(
    wall: Instance, service: str, stream: str
) -> None:
    """REDUCE_ONLY, then HALTED, by the service whose words do not get through; two lower it."""
    lower_with_two(wall)
    assert_trading_resumes(wall)
    asyncio.run(bound(wall, stream, 0))
    try:
        raised = eventually(lambda: raise_of(wall, "REDUCE_ONLY"), "REDUCE_ONLY", poll_s=0.1)
        assert raised["principal"] == service
        raised = eventually(lambda: raise_of(wall, "HALTED"), "HALTED", poll_s=0.1)
        assert raised["principal"] == service
        tell(f"{stream} full: {raised['reason']}")
        eventually(lambda: held(wall)["levels"].get(SCOPE) == "HALTED", "execution to know")
    finally:
        asyncio.run(bound(wall, stream, -1))
    eventually(lambda: not wall.shard(f"{service}/demo")["busy"], "the stream to catch up")
    assert raise_of(wall, "HALTED"), "only people lower"
    lower_with_two(wall)
    assert_trading_resumes(wall)


def test_the_heartbeats_age_and_offset_are_measured(wall: Instance) -> None:
    """Execution tells how old risk's last word is, and how far the clocks are apart."""

    def fresh() -> dict[str, str] | None:
        lines = wall.metrics("execution").splitlines()
        gauges = dict(line.rsplit(" ", 1) for line in lines if line[:1] != "#")
        age_s = gauges.get('tidegate_heartbeat_age_seconds{session="demo"}')
        return gauges if age_s is not None and 0 <= float(age_s) < 3 else None

    # The gauge is set once in a while, and what came before may have silenced risk.
    lines = eventually(fresh, "a heartbeat younger than 3 s", poll_s=0.1)
    assert abs(float(lines['tidegate_clock_offset_seconds{session="demo"}'])) < 0.5
