"""What the composition root makes of a configuration."""

from __future__ import annotations

import asyncio

import pytest

from tidegate_chassis.configuration.models import Configuration
from tidegate_chassis.host.errors import PortUnavailable
from tidegate_chassis.host.ports import ShardPort
from tidegate_chassis.host.version import core_version
from tidegate_contracts.execution import QueryOrder
from tidegate_execution.__main__ import shards_of
from tidegate_execution.adapters.session_port import SessionPort


@pytest.mark.parametrize("clock", ["lockstep", "wall"])
def test_each_session_has_its_orders_and_its_venue(clock: str) -> None:
    """Two shards a session; the orders' requests go to the venue's shard, past the guard."""
    session = {
        "name": "demo",
        "clock": clock,
        "capital": {"amount": "5000"},
        "feed": {"paths": ["bars.csv"]},
        "strategies": [{"name": "ema", "strategy": "ema-crossover"}],
    }
    shards = shards_of(Configuration.model_validate({"sessions": [session]}))
    venue, orders = sorted(shards, key=lambda shard: shard.shard, reverse=True)
    assert (orders.shard, venue.shard) == ("execution/demo", "venue/demo")
    assert orders.ports == {"venue": ShardPort("venue/demo")}
    assert orders.guard is not None
    assert venue.guard is None
    assert core_version(orders.machine, orders.parameters)
    assert core_version(venue.machine, venue.parameters)


def test_a_real_venue_is_declared_without_keys() -> None:
    """Its session has one shard, whose requests leave nowhere before the venue is open."""
    session = {
        "name": "demo",
        "clock": "wall",
        "symbols": ["BTC/USD"],
        "capital": {"amount": "5000"},
        "feed": {"kind": "alpaca"},
        "venue": {"kind": "alpaca"},
        "strategies": [{"name": "ema", "strategy": "ema-crossover"}],
    }
    (orders,) = shards_of(Configuration.model_validate({"sessions": [session]}))
    port = orders.ports["venue"]
    assert isinstance(port, SessionPort)
    assert not port.repeat_safe
    assert orders.guard is not None
    with pytest.raises(PortUnavailable, match="not open yet"):
        asyncio.run(port.call(QueryOrder(session="demo"), "r"))
