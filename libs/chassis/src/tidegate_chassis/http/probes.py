"""``/livez /readyz /startupz /metrics /version``: what machines ask a service."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from tidegate_chassis.telemetry.metrics import PROCESS

if TYPE_CHECKING:
    from collections.abc import Callable

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_UNAVAILABLE = 503


@dataclass(frozen=True, slots=True)
class Health:
    """What the probes report: reasons, none when all is well.

    Live: the event loop answers. Started: the process has gone through its start, so it may be
    judged. Ready: it does its work now. A standby is not ready, because whoever leads has the
    work, and must not be killed for it: it says so in ``state``.
    """

    not_ready: Callable[[], list[str]]
    not_started: Callable[[], list[str]] = list
    # Whom a process that leads nothing stands by for.
    stands_by: Callable[[], list[str]] = list

    def ready(self) -> tuple[str, list[str]]:
        """Return ``active``, ``standby`` or ``not ready``, and why it is not the first."""
        reasons = self.not_started() or self.not_ready()
        if reasons:
            return "not ready", reasons
        followed = self.stands_by()
        return ("standby", followed) if followed else ("active", [])


def probes(service: str, health: Health) -> APIRouter:
    """Return the routes of the probes."""
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def livez() -> JSONResponse:
        return _answer([])

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        state, reasons = health.ready()
        return _answer(reasons, state=state)

    @router.get("/startupz")
    async def startupz() -> JSONResponse:
        return _answer(health.not_started())

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(PROCESS.render(), media_type=_METRICS_TYPE)

    @router.get("/version")
    async def versions() -> dict[str, str]:
        return {
            "service": service,
            "version": release(service),
            "python": platform.python_version(),
            "architecture": platform.machine(),
        }

    return router


def release(service: str) -> str:
    """Return the release that is installed: of the service, else of the chassis."""
    try:
        return version(f"tidegate-{service}")
    except PackageNotFoundError:
        return version("tidegate-chassis")


def _answer(reasons: list[str], **more: str) -> JSONResponse:
    document = {"ok": not reasons, **more, "reasons": reasons}
    return JSONResponse(document, _UNAVAILABLE if reasons else 200)
