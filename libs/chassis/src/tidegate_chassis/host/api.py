"""HTTP of every service: what a service's routes get, and `/v1/shards`."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from tidegate_chassis.host.forwarding import forward
from tidegate_chassis.host.queries import Audit, Projections
from tidegate_chassis.host.requests import COMMAND_PATIENCE_S
from tidegate_chassis.host.standby import STANDBY
from tidegate_chassis.http import ApiError, HttpServer, make_app, principal_of

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Configuration
    from tidegate_chassis.configuration.runtime import Runtime
    from tidegate_chassis.host.context import HostContext
    from tidegate_chassis.host.shard import Shard
    from tidegate_kernel.machine import Body, Machine


class AppContext:
    """What a service's routes, and what it runs beside its shards, may use."""

    def __init__(
        self, service: str, runtime: Runtime, configuration: Configuration, host: HostContext
    ) -> None:
        """Gather it; nothing is started."""
        self.service = service
        self.runtime = runtime
        self.configuration = configuration
        self.host = host
        names = [shard.definition.shard for shard in host.local.all()]
        self.projections = Projections(host.pool, names)
        self.audit = Audit(host.pool, names)
        self.principal = principal_of

    @property
    def shards(self) -> list[Shard]:
        """The shards of this process."""
        return self.host.local.all()

    def shard(self, name: str) -> Shard:
        """Return a running shard, or refuse the request."""
        shard = self.host.local.get(name)
        if shard is None:
            known = ", ".join(s.definition.shard for s in self.shards)
            raise ApiError(404, "UNKNOWN_SHARD", f"one of {known}", name, "see /v1/shards")
        if not shard.running:
            raise ApiError(
                503, "SHARD_NOT_RUNNING", "a running shard", f"{name}: {shard.reason}", "try again"
            )
        return shard

    def machine(self, shard: str) -> tuple[Machine, int]:
        """Return a running shard's machine, to be read only, and its session's time.

        It may know inputs that are being committed at this moment.
        """
        running = self.shard(shard)
        at_ns = running.engine.books.at_ns
        if not running.definition.lockstep:
            at_ns = max(at_ns, running.clock.now())
        return running.engine.machine, at_ns

    async def call(self, shard: str, body: Body, principal: str = "") -> Body:
        """Have a machine answer a command; returns when the answer is committed.

        ``principal`` is who asks; it is logged, and commands that need it carry it themselves.
        Where this process stands by, whoever leads the shard answers.
        """
        call_id = f"{principal or 'host'}:{uuid.uuid4().hex}"
        known = self.host.local.get(shard)
        try:
            async with asyncio.timeout(COMMAND_PATIENCE_S):
                if known is not None and known.state == STANDBY:
                    return await forward(self.host.pool, shard, call_id, body)
                answer, _ = await self.shard(shard).call(call_id, body, None)
        except (TimeoutError, ConnectionAbortedError) as error:
            raise ApiError(
                503,
                "NO_ANSWER",
                f"an answer within {COMMAND_PATIENCE_S:g} s",
                str(error) or "none",
                "look at /v1/shards, and ask again: what was committed stays",
            ) from error
        return answer


def shards_router(app: AppContext) -> APIRouter:
    """Return the routes that every service has."""
    router = APIRouter()

    @router.get("/v1/shards")
    async def shards() -> dict[str, Any]:
        """Return what this process hosts and how far each shard is."""
        return {"service": app.service, "shards": [_document(shard) for shard in app.shards]}

    return router


def _document(shard: Shard) -> dict[str, Any]:
    document: dict[str, Any] = {
        "shard": shard.definition.shard,
        "session": shard.definition.session,
        "state": shard.state,
        "reason": shard.reason,
        "finished": shard.finished,
        "core": shard.core,
        "lockstep": shard.definition.lockstep,
    }
    if shard.running:
        books = shard.engine.books
        document |= {
            "term": shard.term,
            "n": books.n,
            "instant_ns": books.instant_ns,
            "round": books.round,
            "counters": {schema.rpartition(".")[2]: n for schema, n in books.published.items()},
            "outbox": shard.outbox.open_count,
            "busy": bool(books.requests) or shard.outbox.open_count > 0,
        }
    return document


NotReady = Callable[["AppContext"], list[str]]


def not_ready(app: AppContext, own: NotReady | None = None) -> list[str]:
    """Return why this process is not ready, the service's ``own`` reasons last.

    A shard that stands by is no reason, unless this process leads none at all (`stands_by`).
    """
    reasons = [
        f"{shard.definition.shard}: {shard.state}: {shard.reason}"
        for shard in app.shards
        if not shard.running and shard.state != STANDBY
    ]
    return reasons + (own(app) if own is not None else [])


def stands_by(app: AppContext) -> list[str]:
    """Return whom this process stands by for, shard by shard, if it leads none."""
    if any(shard.running for shard in app.shards):
        return []
    return [f"{s.definition.shard}: {s.reason}" for s in app.shards if s.state == STANDBY]


async def serve_http(app: AppContext, router: APIRouter, own: NotReady | None = None) -> HttpServer:
    """Start the HTTP server of this process."""
    application = make_app(
        app.service, app.runtime, lambda: not_ready(app, own), lambda: stands_by(app)
    )
    application.include_router(shards_router(app))
    application.include_router(router)
    server = HttpServer(application, app.runtime.http_host, app.runtime.http_port)
    await server.start()
    return server
