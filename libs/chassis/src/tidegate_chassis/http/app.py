"""The application that every service serves; its own routes are added to it.

FastAPI's own telemetry is off: it would trace probes, and write whatever a request holds into
spans. What matters is traced where it happens, in the host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from fastapi import Depends, FastAPI

from tidegate_chassis.http import refusals
from tidegate_chassis.http.metering import Metering
from tidegate_chassis.http.principal import require_principal_for_changes
from tidegate_chassis.http.probes import Health, probes, release
from tidegate_chassis.security.principals import Principals

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class HttpSettings(Protocol):
    """What the application needs to know of a process's settings."""

    @property
    def secrets_folder(self) -> Path:
        """Where the tokens of the principals lie."""


def make_app(
    service: str,
    settings: HttpSettings,
    not_ready: Callable[[], list[str]],
    stands_by: Callable[[], list[str]] = list,
    not_started: Callable[[], list[str]] = list,
) -> FastAPI:
    """Return an application with probes, principals and errors; add routes with include_router.

    Every request that is not a plain read needs a principal, whether its route asks or not.
    """
    app = FastAPI(
        title=f"Tidegate {service}",
        version=release(service),
        dependencies=[Depends(require_principal_for_changes)],
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.principals = Principals.load(settings.secrets_folder)
    refusals.install(app)
    app.add_middleware(Metering)
    app.include_router(probes(service, Health(not_ready, not_started, stands_by)))
    return app
