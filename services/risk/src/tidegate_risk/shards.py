"""The shards of the risk service: one gate for everything, one decision shard for each session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host.definition import ShardDefinition
from tidegate_risk.adapters.heartbeat import beat
from tidegate_risk.config import gate_parameters, parameters_of
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.gate.machine import GateMachine

GATE_SHARD = "risk/gate"

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import Configuration, Session


def shards_of(configuration: Configuration) -> list[ShardDefinition]:
    """Return the gate's shard and the decision shard of each session."""
    return [_gate_shard(), *(_decision_shard(session) for session in configuration.sessions)]


def decision_shard(session: str) -> str:
    """Return the name of a session's decision shard."""
    return f"risk/{session}"


def _gate_shard() -> ShardDefinition:
    return ShardDefinition(
        shard=GATE_SHARD,
        session="",
        machine=GateMachine,
        parameters=gate_parameters(),
        reads=("breakers.>", "orders.>", "latches.>", "reconciliations.>"),
    )


def _decision_shard(session: Session) -> ShardDefinition:
    name, feed = session.name, session.feed_name
    return ShardDefinition(
        shard=decision_shard(name),
        session=name,
        machine=DecisionMachine,
        parameters=parameters_of(session),
        reads=(
            f"instruments.{feed}.>",
            f"bars.{feed}.>",
            f"signals.{name}.>",
            f"orders.{name}.>",
            f"fills.{name}.>",
            f"entries.{name}",
            f"portfolio.{name}.account",
            f"reconciliations.{name}",
            "gate.events",
        ),
        lockstep=session.clock == "lockstep",
        speed=session.speed,
        replay=session.feed.kind == "replay",
        beat=beat,
    )
