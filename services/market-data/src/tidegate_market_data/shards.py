"""The shards of the market-data service: the replay of each session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host.definition import ShardDefinition
from tidegate_market_data.adapters.replay import ReplaySource
from tidegate_market_data.core.feed import FeedMachine, FeedParameters

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import Session
    from tidegate_market_data.adapters.dataset import Bars


def participants_of(session: str) -> tuple[str, ...]:
    """Return the shards that take part in the rounds of a lockstep session."""
    return (
        f"signals/{session}/0",
        f"risk/{session}",
        f"execution/{session}",
        f"venue/{session}",
        f"portfolio/{session}",
        f"alerts/{session}",
    )


def shard_of(session: Session, dataset: Bars) -> ShardDefinition:
    """Return the shard that replays a session's data."""
    lockstep = session.clock == "lockstep"
    return ShardDefinition(
        shard=f"market-data/{session.feed_name}",
        session=session.name,
        machine=FeedMachine,
        parameters=FeedParameters(
            feed=session.feed_name,
            instruments=dataset.instruments,
            timeframe_ns=dataset.timeframe_ns,
        ),
        reads=(),
        lockstep=lockstep,
        speed=session.speed,
        replay=True,
        source=ReplaySource(dataset),
        participants=participants_of(session.name) if lockstep else (),
    )
