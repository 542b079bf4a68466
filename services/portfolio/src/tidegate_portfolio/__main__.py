"""The portfolio service."""

from __future__ import annotations

from tidegate_chassis.host.service import Service, run_service
from tidegate_portfolio.adapters.http import routes
from tidegate_portfolio.adapters.projection import project
from tidegate_portfolio.shards import shards_of

SERVICE = Service(name="portfolio", shards=shards_of, project=project, routes=routes)

if __name__ == "__main__":
    run_service(SERVICE)
