"""What `/readyz` is told: shards that do not run, and what the service itself adds."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from tidegate_chassis.configuration.models import Configuration
from tidegate_chassis.configuration.runtime import Runtime
from tidegate_chassis.host.api import AppContext, not_ready, stands_by
from tidegate_chassis.host.bus import Bus
from tidegate_chassis.host.context import HostContext
from tidegate_chassis.host.definition import ShardDefinition
from tidegate_chassis.host.ports import LocalShards
from tidegate_chassis.host.wall import WallShard

from .toys import ToyBooks, ToyParameters

SESSION = {
    "name": "demo",
    "capital": {"amount": "5000"},
    "feed": {"paths": ["bars.csv"]},
    "strategies": [{"name": "ema", "strategy": "ema-crossover"}],
}


def process(folder: Path) -> AppContext:
    """Return a process with one shard, before it has opened any connection."""
    pool = asyncpg.create_pool("postgresql://nobody@127.0.0.1:1/none")
    bus = Bus("portfolio", on_violation=lambda text: None)
    context = HostContext("portfolio", "test", pool, bus, LocalShards())
    definition = ShardDefinition("portfolio/demo", "demo", ToyBooks, ToyParameters(), ())
    context.local.add(WallShard(definition, context, 0))
    runtime = Runtime(
        service="portfolio",
        configuration_path=folder / "tidegate.yaml",
        home=folder,
        instance_folder=folder,
        secrets_folder=folder,
        logs_folder=folder,
        nats_url="",
        nats_user="",
        nats_password="",
        database_url="",
        http_port=1,
        verify_key_file=folder / "risk.pem",
    )
    configuration = Configuration.model_validate({"sessions": [SESSION]})
    return AppContext("portfolio", runtime, configuration, context)


async def test_a_process_names_its_shards_that_do_not_run(tmp_path: Path) -> None:
    """With their state and its reason."""
    assert not_ready(process(tmp_path)) == ["portfolio/demo: waiting: not started"]


async def test_a_process_whose_shards_all_stand_by_is_a_standby(tmp_path: Path) -> None:
    """Not ready for work, which whoever leads them does; but nothing is wrong with it."""
    app = process(tmp_path)
    shard = app.shards[0]
    shard.state, shard.reason = "standby", "other leads under term 3, followed to n=9"
    assert not_ready(app) == []
    assert stands_by(app) == ["portfolio/demo: other leads under term 3, followed to n=9"]
    shard.state = "running"
    assert stands_by(app) == []


async def test_a_service_adds_reasons_of_its_own(tmp_path: Path) -> None:
    """They come last, and are asked for in every probe."""
    app = process(tmp_path)
    found = not_ready(app, lambda given: [f"{given.service}: not reconciled"])
    assert found == ["portfolio/demo: waiting: not started", "portfolio: not reconciled"]
