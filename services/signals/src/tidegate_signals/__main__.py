"""The signals service."""

from __future__ import annotations

from tidegate_chassis.host.service import Service, run_service
from tidegate_signals.adapters.http import routes
from tidegate_signals.adapters.projection import project
from tidegate_signals.shards import shards_of

SERVICE = Service(name="signals", shards=shards_of, project=project, routes=routes)

if __name__ == "__main__":
    run_service(SERVICE)
