"""Counts and times requests, by route and not by path, so that labels stay few."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tidegate_chassis.telemetry import names
from tidegate_chassis.telemetry.metrics import PROCESS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NO_ROUTE = "none"


class Metering:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and record how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        started_s = time.perf_counter()

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            route = getattr(scope.get("route"), "path", _NO_ROUTE)
            PROCESS.count(names.HTTP_REQUESTS, (scope["method"], route, str(status)))
            seconds = time.perf_counter() - started_s
            PROCESS.observe(names.HTTP_REQUEST_SECONDS, seconds, (scope["method"], route))
