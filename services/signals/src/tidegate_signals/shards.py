"""The shards of the signals service: one for each session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host.definition import ShardDefinition
from tidegate_signals.config import signals_parameters
from tidegate_signals.core.machine import SignalsMachine

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import Configuration, Session


def shards_of(configuration: Configuration) -> list[ShardDefinition]:
    """Return the shard of each session; a session has one partition so far."""
    return [_shard_of(session) for session in configuration.sessions]


def _shard_of(session: Session) -> ShardDefinition:
    return ShardDefinition(
        shard=f"signals/{session.name}/0",
        session=session.name,
        machine=SignalsMachine,
        parameters=signals_parameters(session),
        reads=(f"instruments.{session.feed_name}.>", f"bars.{session.feed_name}.>"),
        lockstep=session.clock == "lockstep",
        speed=session.speed,
        replay=session.feed.kind == "replay",
    )
