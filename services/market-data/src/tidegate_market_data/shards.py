"""The shards of the market-data service: each session's replay, and every live feed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host.definition import ShardDefinition
from tidegate_market_data.adapters.replay import ReplaySource
from tidegate_market_data.config import greeks_model
from tidegate_market_data.core.feed import FeedMachine, FeedParameters
from tidegate_market_data.core.live_feed import LiveFeedMachine, LiveFeedParameters

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import Session
    from tidegate_contracts.market import Instrument
    from tidegate_market_data.adapters.dataset import Bars
    from tidegate_market_data.config import LiveSettings


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


def replay_parameters(
    session: Session, instruments: tuple[Instrument, ...], timeframe_ns: int
) -> FeedParameters:
    """Return what a session's replay is made of."""
    return FeedParameters(
        feed=session.feed_name,
        instruments=instruments,
        timeframe_ns=timeframe_ns,
        greeks=greeks_model(session.feed),
    )


def shard_of(session: Session, dataset: Bars) -> ShardDefinition:
    """Return the shard that replays a session's data."""
    lockstep = session.clock == "lockstep"
    return ShardDefinition(
        shard=f"market-data/{session.feed_name}",
        session=session.name,
        machine=FeedMachine,
        parameters=replay_parameters(session, dataset.instruments, dataset.timeframe_ns),
        reads=(),
        lockstep=lockstep,
        speed=session.speed,
        replay=True,
        source=ReplaySource(dataset),
        participants=participants_of(session.name) if lockstep else (),
    )


def live_shard_of(settings: LiveSettings) -> ShardDefinition:
    """Return the shard of a live feed: no session's own, on the wall's clock."""
    return ShardDefinition(
        shard=f"market-data/{settings.feed}",
        session="",
        machine=LiveFeedMachine,
        parameters=LiveFeedParameters(feed=settings.feed, timeframe_ns=settings.timeframe_ns),
        reads=(),
    )
