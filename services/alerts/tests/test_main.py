"""What the alerts service is made of."""

from __future__ import annotations

import msgspec
import pytest

from tidegate_alerts.__main__ import SERVICE
from tidegate_alerts.core.machine import AlertsMachine
from tidegate_alerts.shards import shards_of
from tidegate_chassis.configuration.models import Configuration
from tidegate_chassis.host.definition import ShardDefinition
from tidegate_contracts.subjects import matches, read_by, wildcard_of

CONFIGURATION = Configuration.model_validate(
    {
        "sessions": [
            {
                "name": name,
                "clock": clock,
                "capital": {"amount": "1000"},
                "feed": {"paths": ["bars.csv"]},
                "strategies": [{"name": "trend", "strategy": "ema-crossover"}],
            }
            for name, clock in (("demo", "lockstep"), ("live-like", "wall"))
        ]
    }
)


def test_every_session_has_books_of_its_own() -> None:
    """One shard each, which knows its clock."""
    shards = shards_of(CONFIGURATION)
    assert [(each.shard, each.lockstep) for each in shards] == [
        ("alerts/demo", True),
        ("alerts/live-like", False),
    ]
    assert SERVICE.name == "alerts"


@pytest.mark.parametrize("shard", shards_of(CONFIGURATION), ids=lambda shard: shard.shard)
def test_a_shard_reads_only_what_the_contract_gives_it(shard: ShardDefinition) -> None:
    """Every filter lies inside a family whose readers name the service."""
    declared = [wildcard_of(family) for family in read_by("alerts")]
    for each in shard.reads:
        assert any(matches(family, each) for family in declared), each


def test_parameters_can_be_hashed_and_start_a_machine() -> None:
    """They are JSON, because they are part of the core's version."""
    for shard in shards_of(CONFIGURATION):
        assert msgspec.json.encode(shard.parameters)
        assert isinstance(shard.machine.restore(shard.parameters, None), AlertsMachine)
