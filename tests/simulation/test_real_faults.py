"""A plan of the simulator against a real nats-server and real processes; nothing is lost or double.

What is started here is a whole instance whose services reach nats-server through the proxy. That
takes a minute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.benchmarks.paced import paced_session, write_feed
from tests.crash.audit import audit
from tests.crash.books import read_books
from tests.failover.session import BARS_PER_S, LIMITS, come_to_rest
from tests.instances import Instance, eventually

from tidegate_chassis.configuration import Configuration, dump
from tidegate_chassis.embedded.nats import NatsServer
from tidegate_chassis.embedded.place import Place
from tidegate_chassis.testing import server_folder
from tidegate_cli.client import RUNNING
from tidegate_cli.deployment.keys import credentials_file, ensure_nats_passwords
from tidegate_cli.deployment.topology import definitions_of, shards_of
from tidegate_cli.supervisor.servers import credentials_variable
from tidegate_contracts.deploy import nats_config
from tidegate_lab.simulate.plan import Fault

from .real_world import real_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .real_world import RealWorld

SEED = 1
FEED_S = 240.0
PLAN = (
    Fault("lost", 1.0, "signals", for_s=3.0, share=0.3),
    Fault("duplicated", 1.5, "verdicts", for_s=4.0, share=0.5, amount=0.4),
    Fault("reordered", 2.0, "orders", for_s=4.0, share=0.5, amount=0.4),
    Fault("lost", 3.0, "fills", for_s=3.0, share=0.5),
    Fault("lost_acks", 4.0, for_s=3.0, share=0.5),
    Fault("kill", 5.0, "risk-a"),
    Fault("cut_off", 7.0, "portfolio", for_s=1.0),
    Fault("kill", 9.0, "signals"),
    Fault("nats_outage", 12.0, for_s=1.5),
    Fault("kill", 14.0, "portfolio"),
)
CALM_AGAIN_S = 16.0


def _configuration(folder: Path) -> Configuration:
    feed = folder / "paced.csv"
    write_feed(feed, int(FEED_S * BARS_PER_S))
    session = paced_session(feed, BARS_PER_S)
    limits = {**session.limits, **LIMITS}
    return Configuration.model_validate(
        {
            "sessions": [session.model_copy(update={"limits": limits})],
            "services": {"risk": {"replicas": 2}},
        }
    )


@pytest.fixture
def disturbed() -> Iterator[tuple[RealWorld, Instance]]:
    """Give an instance that reaches its nats-server through the proxy of a real world."""
    with server_folder() as folder:
        configuration = _configuration(folder)
        instance = Instance(folder / "instance", dump(configuration))
        secrets = folder / "instance" / "secrets"
        passwords = ensure_nats_passwords(secrets)
        shards = shards_of(configuration, definitions_of(configuration))
        place = Place(folder / "nats", log_file=folder / "nats.log", dies_with_launcher=True)
        server = NatsServer(place, accounts=nats_config(passwords, shards))
        with server, real_world(SEED, server.port) as world:
            variables = {"NATS_URL": f"nats://127.0.0.1:{world.server.port}"}
            for user in passwords:
                variables[credentials_variable(user)] = str(credentials_file(secrets, user))
            try:
                yield world, instance.start(variables)
            finally:
                instance.stop()


def _running(instance: Instance) -> set[str]:
    return {name for name, shard in instance.shards().items() if shard["state"] == RUNNING}


@pytest.mark.end_to_end
@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_plan_of_the_simulator_holds_on_real_servers(
    disturbed: tuple[RealWorld, Instance],
) -> None:
    """Messages get lost, double and late, lines break and stall, processes die: all adds up."""
    world, instance = disturbed
    eventually(lambda: instance.published("execution/bench", "Fill") > 0, "the first fills", 120)
    names = set(instance.shards())
    world.play(instance, PLAN, CALM_AGAIN_S)
    assert world.crashes == sum(fault.kind == "kill" for fault in PLAN)
    assert set(world.server.touched) == {"lost", "late", "duplicated", "acknowledgement lost"}
    eventually(lambda: _running(instance) == names, "every shard to run again", 120)
    come_to_rest(instance)
    books = await read_books(instance)
    assert len(books.said("tidegate.execution.v1.Fill")) > 0
    assert audit(books) == []
