"""The risk service."""

from __future__ import annotations

from tidegate_chassis.host.service import Service, run_service
from tidegate_risk.adapters.http import routes
from tidegate_risk.adapters.projection import project
from tidegate_risk.shards import shards_of

SERVICE = Service(name="risk", shards=shards_of, project=project, routes=routes)

if __name__ == "__main__":
    run_service(SERVICE)
