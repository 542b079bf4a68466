"""The alerts service: one shard for each session, and the channels that they share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_alerts.adapters.addresses import channels_of
from tidegate_alerts.adapters.channels import ChannelsPort
from tidegate_alerts.adapters.http import routes
from tidegate_alerts.adapters.projection import project
from tidegate_alerts.config import settings_of
from tidegate_alerts.shards import shard_of
from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.host.service import Service, run_service

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import Configuration
    from tidegate_chassis.host.definition import ShardDefinition


def shards_of(configuration: Configuration) -> list[ShardDefinition]:
    """Return the shard of each session."""
    settings = settings_of(configuration.alerts)
    port = ChannelsPort(channels_of(settings, _environment()))
    return [shard_of(settings, session, port) for session in configuration.sessions]


def _environment() -> Environment:
    """Return the process's variables, and those of the `.env` beside its configuration."""
    path = os.environ.get("TIDEGATE_CONFIG")
    return Environment.beside(Path(path) if path else None, os.environ)


SERVICE = Service(name="alerts", shards=shards_of, project=project, routes=routes)

if __name__ == "__main__":
    run_service(SERVICE)
