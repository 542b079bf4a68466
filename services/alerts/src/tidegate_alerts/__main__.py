"""The alerts service: one shard for each session, and the channels that they share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_alerts.adapters.addresses import channels_of
from tidegate_alerts.adapters.channels import ChannelsPort
from tidegate_alerts.adapters.http import routes
from tidegate_alerts.adapters.projection import project
from tidegate_alerts.config import AlertsSettings, parameters_of, settings_of
from tidegate_alerts.core.delivery import PORT
from tidegate_alerts.core.machine import AlertsMachine
from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.host.definition import ShardDefinition
from tidegate_chassis.host.service import Service, run_service
from tidegate_contracts.execution import Fill, OrderEvent
from tidegate_contracts.market import FeedStatus
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_contracts.risk import GateEvent, GateLatch, Verdict
from tidegate_contracts.subjects import filter_of

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import Configuration, Session


OF_THE_SESSION = (Verdict, OrderEvent, Fill, AccountSnapshot, GateLatch)


def shards_of(configuration: Configuration) -> list[ShardDefinition]:
    """Return the shard of each session."""
    settings = settings_of(configuration.alerts)
    port = ChannelsPort(channels_of(settings, _environment()))
    return [_shard_of(settings, session, port) for session in configuration.sessions]


def _environment() -> Environment:
    """Return the process's variables, and those of the `.env` beside its configuration."""
    path = os.environ.get("TIDEGATE_CONFIG")
    return Environment.beside(Path(path) if path else None, os.environ)


def _shard_of(settings: AlertsSettings, session: Session, port: ChannelsPort) -> ShardDefinition:
    return ShardDefinition(
        shard=f"alerts/{session.name}",
        session=session.name,
        machine=AlertsMachine,
        parameters=parameters_of(settings, session),
        reads=(
            filter_of(FeedStatus, feed=session.feed_name),
            *(filter_of(kind, session=session.name) for kind in OF_THE_SESSION),
            filter_of(GateEvent),
        ),
        ports={PORT: port},
        lockstep=session.clock == "lockstep",
        speed=session.speed,
        replay=session.feed.kind == "replay",
    )


SERVICE = Service(name="alerts", shards=shards_of, project=project, routes=routes)

if __name__ == "__main__":
    run_service(SERVICE)
