"""The faults of requests, in front of every endpoint: limits, lost answers, silence."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send
    from tests.venues.faults import FaultPlan

ADMIN = "/venue/"
TIMED_OUT = (
    "Timeout waiting for response from backend server. "
    "Send status unknown; execution status unknown."
)


@dataclass
class Faulty:
    """Wraps the application."""

    app: ASGIApp
    plan: FaultPlan
    # Every request that came, as "METHOD /path".
    requests: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or let it suffer."""
        if scope["type"] != "http" or scope["path"].startswith(ADMIN):
            await self.app(scope, receive, send)
            return
        where = f"{scope['method']} {scope['path']}"
        self.requests.append(where)
        refused = self._refused(where)
        if refused is not None:
            await refused(scope, receive, send)
        elif self.plan.strikes("hang_before", where):
            await _until_gone(receive)
        elif self.plan.strikes("answers_lost", where):
            await self.app(scope, receive, _nowhere)
            await _gateway_timeout(where)(scope, receive, send)
        elif self.plan.strikes("hang_after", where):
            await self.app(scope, receive, _nowhere)
            await _until_gone(receive)
        else:
            if self.plan.strikes("delayed", where):
                await asyncio.sleep(self.plan.faults.delay_ms / 1000)
            await self.app(scope, receive, send)

    def _refused(self, where: str) -> JSONResponse | PlainTextResponse | None:
        retry_after = {"Retry-After": str(self.plan.faults.retry_after_s)}
        if self.plan.strikes("banned", where):
            body = {"code": -1003, "msg": "Way too much request weight used; IP banned."}
            return JSONResponse(body, 418, retry_after)
        if self.plan.strikes("rate_limited", where):
            body = {"code": -1003, "msg": "Too many requests."}
            alpaca = {"code": 42910000, "message": "rate limit exceeded"}
            return JSONResponse(body if _is_binance(where) else alpaca, 429, retry_after)
        if self.plan.strikes("requests_lost", where):
            return _gateway_timeout(where)
        return None


def _gateway_timeout(where: str) -> JSONResponse | PlainTextResponse:
    if _is_binance(where):
        return JSONResponse({"code": -1007, "msg": TIMED_OUT}, 504)
    return PlainTextResponse("<html>504 Gateway Time-out</html>", 504)


def _is_binance(where: str) -> bool:
    return "/api/v3" in where or "/fapi/" in where


async def _nowhere(message: Message) -> None:
    del message


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
