"""The shards of the portfolio service: the books of each session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host.definition import ShardDefinition
from tidegate_contracts.execution import AccountEntry, Fill
from tidegate_contracts.market import Bar, FeedStatus, Instrument
from tidegate_contracts.subjects import filter_of
from tidegate_portfolio.config import parameters_of
from tidegate_portfolio.core.machine import PortfolioMachine

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import Configuration, Session


def shards_of(configuration: Configuration) -> list[ShardDefinition]:
    """Return the shard of each session."""
    return [_shard_of(session) for session in configuration.sessions]


def _shard_of(session: Session) -> ShardDefinition:
    feed = session.feed_name
    return ShardDefinition(
        shard=f"portfolio/{session.name}",
        session=session.name,
        machine=PortfolioMachine,
        parameters=parameters_of(session),
        reads=(
            filter_of(Instrument, feed=feed),
            filter_of(Bar, feed=feed),
            filter_of(FeedStatus, feed=feed),
            filter_of(Fill, session=session.name),
            filter_of(AccountEntry, session=session.name),
        ),
        lockstep=session.clock == "lockstep",
        speed=session.speed,
        replay=session.feed.kind == "replay",
    )
