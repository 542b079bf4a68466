"""What the service is made of."""

from __future__ import annotations

import pytest

from tidegate_chassis.configuration.models import Configuration
from tidegate_contracts.market import Bar
from tidegate_kernel.machine import Publish
from tidegate_market_data.__main__ import QUOTES, project, shards_of
from tidegate_market_data.core.feed import FeedParameters


@pytest.mark.parametrize("clock", ["lockstep", "wall"])
def test_each_session_has_a_feed_of_its_own(clock: str) -> None:
    """In lockstep the feed's shard knows who takes part in the rounds."""
    session = {
        "name": "demo",
        "clock": clock,
        "capital": {"amount": "1000"},
        "feed": {"paths": ["packaged:us-stocks"]},
        "symbols": ["FB"],
        "strategies": [{"name": "a", "strategy": "ema-crossover"}],
    }
    (shard,) = shards_of(Configuration.model_validate({"sessions": [session]}))
    assert (shard.shard, shard.session, shard.reads) == ("market-data/replay-demo", "demo", ())
    assert (shard.lockstep, shard.replay) == (clock == "lockstep", True)
    assert ("risk/demo" in shard.participants) == (clock == "lockstep")
    assert isinstance(shard.parameters, FeedParameters)
    assert shard.source is not None
    machine = shard.machine.restore(shard.parameters, None)
    effects = machine.handle(next(shard.source.batches(0)), 1)
    bodies = [effect.body for effect in effects if isinstance(effect, Publish)]
    assert isinstance(bodies[-1], Bar)
    assert sum(len(project(body)) for body in bodies) == 2
    assert QUOTES.find("replay-demo", "FB") is not None
