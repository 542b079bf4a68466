"""Risk over HTTP: verdicts, exposure, limits and the gate; commands raise and lower the gate.

A command that the gate refuses answers 409 with its stable code, in the one form of every error.
Every command needs a bearer token that names its principal.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

import msgspec
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from tidegate_chassis.http import ApiError, Principal
from tidegate_contracts.risk import (
    ApproveLowering,
    GateAnswer,
    GateLevel,
    RaiseGate,
    RequestLowering,
)
from tidegate_kernel.gate import Level
from tidegate_risk.adapters import projection
from tidegate_risk.config import parameters_of
from tidegate_risk.shards import GATE_SHARD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tidegate_chassis.configuration.models import Configuration
    from tidegate_kernel.machine import Body

PAGE = 5_000
Document = dict[str, Any]
Documents = list[Document]

SessionName = Annotated[
    str | None, Query(description="Only this session; default: every session of this service.")
]
Limit = Annotated[int, Query(ge=1, le=PAGE)]


class Projections(Protocol):
    """The rows that the service's shards have written; see the chassis."""

    async def list(
        self, kind: str, *, session: str | None = None, after: str = "", limit: int = 1_000
    ) -> Documents:
        """Return documents oldest first, each with its ``cursor``."""
        ...

    async def newest(self, kind: str, *, session: str | None = None, limit: int = 100) -> Documents:
        """Return documents newest first."""
        ...

    async def get(self, kind: str, key: str, *, session: str | None = None) -> Document | None:
        """Return one document, or None."""
        ...


class Context(Protocol):
    """What the host gives to a service's routes."""

    @property
    def projections(self) -> Projections:
        """The rows."""
        ...

    @property
    def configuration(self) -> Configuration:
        """The configuration that this process runs."""
        ...

    async def call(self, shard: str, body: Body, principal: str = "") -> Body:
        """Submit a command to a shard and wait for its committed answer."""
        ...


class RaiseBody(BaseModel):
    """Make the gate at least this strict."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Literal["REDUCE_ONLY", "HALTED", "FLATTENING", "LOCKED"] = "HALTED"
    scope: str = "all"
    reason: str = ""


class LowerBody(BaseModel):
    """Ask for a lowering."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Literal["OPEN", "REDUCE_ONLY", "HALTED", "FLATTENING"]
    scope: str = "all"
    reason: str = Field(min_length=1)


class ApproveBody(BaseModel):
    """Approve somebody else's request."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    request_id: str


def routes(context: Context) -> APIRouter:
    """Return the endpoints of the risk service."""
    router = APIRouter()
    _add_verdicts(router, context.projections)
    _add_limits(router, context)
    _add_gate(router, context.projections)
    _add_commands(router, context)
    return router


def _add_verdicts(router: APIRouter, rows: Projections) -> None:
    @router.get("/v1/verdicts")
    async def verdicts(
        session: SessionName = None, after: str = "", limit: Limit = 1_000
    ) -> Document:
        """Return verdicts oldest first; ``next`` goes on, null at the end."""
        place, _, _ = after.partition(":")
        if after and not place.isdigit():
            raise ApiError(
                422, "INVALID_CURSOR", "the `next` of an earlier page", after, "leave `after` out"
            )
        found = await rows.list(projection.VERDICT, session=session, after=after, limit=limit)
        following = found[-1]["cursor"] if len(found) == limit else None
        return {"verdicts": [_bare(row) for row in found], "next": following}

    @router.get("/v1/verdicts/counts")
    async def counts(session: SessionName = None) -> Document:
        """Return how many signals were approved, and how many were refused for which reason."""
        codes = Counter([row["code"] async for row in every(rows, projection.VERDICT, session)])
        approved = codes.pop(None, 0)
        return {"approved": approved, "refused": dict(sorted(codes.items()))}

    @router.get("/v1/verdicts/{signal_key:path}")
    async def verdict(signal_key: str) -> Document:
        """Return the verdict of one signal by its logical key."""
        found = await rows.get(projection.VERDICT, signal_key)
        if found is None:
            raise ApiError(
                404,
                "UNKNOWN_SIGNAL",
                "the logical key of a signal that has a verdict",
                signal_key,
                "GET /v1/verdicts lists them",
            )
        return _bare(found)

    @router.get("/v1/audit")
    async def audit(session: SessionName = None, limit: Limit = 100) -> Document:
        """Return who did what and why, newest first."""
        found = await rows.newest(projection.AUDIT, session=session, limit=limit)
        return {"audit": [_bare(row) for row in found]}


def _add_limits(router: APIRouter, context: Context) -> None:
    @router.get("/v1/limits")
    async def limits(session: SessionName = None) -> Document:
        """Return each session's sizing and limits as its decision machine has them."""
        found = [each for each in context.configuration.sessions if session in (None, each.name)]
        return {"sessions": [msgspec.to_builtins(parameters_of(each)) for each in found]}

    @router.get("/v1/exposure")
    async def exposure(session: SessionName = None) -> Document:
        """Return the numbers of each session's newest verdict."""
        found = every(context.projections, projection.EXPOSURE, session)
        return {"sessions": [_bare(row) async for row in found]}


def _add_gate(router: APIRouter, rows: Projections) -> None:
    @router.get("/v1/gate")
    async def gate() -> Document:
        """Return every scope that was ever raised, the worst level, and the lowering requests."""
        scopes = [_bare(row) async for row in every(rows, projection.GATE, None)]
        requests = [_bare(row) async for row in every(rows, projection.GATE_REQUEST, None)]
        worst = max((Level[row["level"]] for row in scopes), default=Level.OPEN)
        return {
            "level": worst.name,
            "gate_epoch": max((row["gate_epoch"] for row in scopes), default=0),
            "scopes": sorted(scopes, key=lambda row: str(row["scope"])),
            "requests": [row for row in requests if row["state"] == "pending"],
        }


def _add_commands(router: APIRouter, context: Context) -> None:
    @router.post("/admin/gate/raise")
    async def raise_gate(body: RaiseBody, principal: Principal) -> JSONResponse:
        """Make the gate at least this strict in a scope; at once, by anybody with a token."""
        command = RaiseGate(
            scope=body.scope,
            level=GateLevel[body.level],
            principal=principal,
            reason=body.reason,
        )
        return _answered(await context.call(GATE_SHARD, command, principal), 200)

    @router.post("/admin/gate/lower")
    async def lower_gate(body: LowerBody, principal: Principal) -> JSONResponse:
        """File a request to lower a scope; another principal must approve it.

        Sessions that are no longer configured do not keep the gate shut.
        """
        command = RequestLowering(
            scope=body.scope,
            level=GateLevel[body.level],
            principal=principal,
            reason=body.reason,
            configured_sessions=tuple(each.name for each in context.configuration.sessions),
        )
        return _answered(await context.call(GATE_SHARD, command, principal), 202)

    @router.post("/admin/gate/approve")
    async def approve_lowering(body: ApproveBody, principal: Principal) -> JSONResponse:
        """Carry out somebody else's request."""
        command = ApproveLowering(request_id=body.request_id, principal=principal)
        return _answered(await context.call(GATE_SHARD, command, principal), 200)


def _answered(answer: Body, status: int) -> JSONResponse:
    assert isinstance(answer, GateAnswer)
    if not answer.accepted:
        expected, _, rest = answer.message.removeprefix("expected ").partition(", found ")
        found, _, hint = rest.partition("; ")
        raise ApiError(409, answer.code, expected, found, hint)
    return JSONResponse({**msgspec.to_builtins(answer), "level": answer.level.name}, status)


async def every(rows: Projections, kind: str, session: str | None) -> AsyncIterator[Document]:
    """Yield every document of a kind, page by page."""
    after = ""
    while page := await rows.list(kind, session=session, after=after, limit=PAGE):
        for row in page:
            yield row
        after = str(page[-1]["cursor"])


def _bare(row: Document) -> Document:
    return {name: value for name, value in row.items() if name != "cursor"}
