"""Writes the tables of settings in the services' pages, from the models that judge them.

Run ``python -m tidegate_cli.settings_reference``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from tidegate_alerts.config import AlertsSettings
from tidegate_chassis.configuration.models import BooksConfiguration, FeedConfiguration
from tidegate_chassis.configuration.tables import settings_table, with_tables
from tidegate_execution.config import VenueSettings
from tidegate_risk.config import RiskLimits

SERVICES = Path("services")
TABLES: Mapping[str, Mapping[str, type[BaseModel]]] = {
    "alerts": {"alerts": AlertsSettings},
    "execution": {"venue": VenueSettings},
    "market-data": {"feed": FeedConfiguration},
    "portfolio": {"books": BooksConfiguration},
    "risk": {"limits": RiskLimits},
}
"""Which model judges which section, by service and name of the section."""


def page_of(root: Path, service: str) -> Path:
    """Return a service's page in a repository."""
    return root / SERVICES / service / "README.md"


def fresh_page(root: Path, service: str) -> str:
    """Return a service's page with its tables as they must be."""
    tables = {name: settings_table(model) for name, model in TABLES[service].items()}
    return with_tables(page_of(root, service).read_text(encoding="utf-8"), tables)


def main() -> int:
    """Write the pages of the repository that is the working directory."""
    for service in TABLES:
        page_of(Path(), service).write_text(fresh_page(Path(), service), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
