"""The alerts service."""

from __future__ import annotations

from tidegate_alerts.adapters.http import routes
from tidegate_alerts.adapters.projection import project
from tidegate_alerts.shards import shards_of
from tidegate_chassis.host.service import Service, run_service

SERVICE = Service(name="alerts", shards=shards_of, project=project, routes=routes)

if __name__ == "__main__":
    run_service(SERVICE)
