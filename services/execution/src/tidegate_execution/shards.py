"""The shards of the execution service: each session's orders, and its paper venue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host.definition import ShardDefinition
from tidegate_chassis.host.ports import ShardPort
from tidegate_execution.adapters.session_port import SessionPort
from tidegate_execution.config import (
    execution_parameters_of,
    venue_parameters_of,
    venue_settings_of,
)
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.core.turn import VENUE_PORT

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import Configuration, Session
    from tidegate_chassis.host.definition import Port


def shards_of(configuration: Configuration) -> list[ShardDefinition]:
    """Return the shards of each session."""
    return [each for session in configuration.sessions for each in shards_of_session(session)]


def shards_of_session(session: Session) -> list[ShardDefinition]:
    """Return the shards of one session: a real venue has none of its own."""
    orders = orders_of(session)
    return [orders] if venue_settings_of(session).is_real else [venue_of(session), orders]


def orders_of(session: Session) -> ShardDefinition:
    """Return the shard of a session's orders; what guards its requests is the host's to add."""
    lockstep = session.clock == "lockstep"
    real = venue_settings_of(session).is_real
    port: Port = SessionPort(session.name) if real else ShardPort(f"venue/{session.name}")
    return ShardDefinition(
        shard=f"execution/{session.name}",
        session=session.name,
        machine=ExecutionMachine,
        parameters=execution_parameters_of(session),
        reads=(
            f"instruments.{session.feed_name}.>",
            f"bars.{session.feed_name}.>",
            f"verdicts.{session.name}.>",
            f"venue.{session.name}.>",
            f"venue_entries.{session.name}",
            f"breakers.{session.name}",
            "gate.events",
        ),
        lockstep=lockstep,
        speed=session.speed,
        replay=session.feed.kind == "replay",
        ports={VENUE_PORT: port},
    )


def venue_of(session: Session) -> ShardDefinition:
    """Return the shard of a session's paper venue."""
    return ShardDefinition(
        shard=f"venue/{session.name}",
        session=session.name,
        machine=PaperVenueMachine,
        parameters=venue_parameters_of(session),
        reads=(f"instruments.{session.feed_name}.>", f"bars.{session.feed_name}.>"),
        lockstep=session.clock == "lockstep",
        speed=session.speed,
        replay=session.feed.kind == "replay",
    )
