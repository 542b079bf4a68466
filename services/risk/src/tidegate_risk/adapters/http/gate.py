"""The gate over HTTP: how it stands, and the commands that raise and lower it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from tidegate_chassis.http import Principal
from tidegate_contracts.risk import (
    ApproveLowering,
    GateAnswer,
    GateLevel,
    RaiseGate,
    RequestLowering,
)
from tidegate_kernel.gate import Level
from tidegate_risk.adapters import projection
from tidegate_risk.adapters.http.context import Context, Document, bare, every, refused
from tidegate_risk.shards import GATE_SHARD

if TYPE_CHECKING:
    from tidegate_kernel.machine import Body


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
    seen_epoch: int = Field(
        0,
        ge=0,
        lt=2**63,
        strict=True,
        description="The scope's `gate_epoch` in `GET /v1/gate`, as it was seen; refused without "
        "it, and when the scope was raised after it.",
    )


class ApproveBody(BaseModel):
    """Approve somebody else's request."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    request_id: str


def add_gate(router: APIRouter, context: Context) -> None:
    """Add what shows, raises and lowers the gate."""
    _add_state(router, context)
    _add_raise(router, context)
    _add_lowering(router, context)


def _add_state(router: APIRouter, context: Context) -> None:
    rows = context.projections

    @router.get("/v1/gate")
    async def gate() -> Document:
        """Return every scope that was ever raised, the worst level, and the lowering requests."""
        scopes = [bare(row) async for row in every(rows, projection.GATE, None)]
        requests = [bare(row) async for row in every(rows, projection.GATE_REQUEST, None)]
        worst = max((Level[row["level"]] for row in scopes), default=Level.OPEN)
        return {
            "level": worst.name,
            "gate_epoch": max((row["gate_epoch"] for row in scopes), default=0),
            "scopes": sorted(scopes, key=lambda row: str(row["scope"])),
            "requests": [row for row in requests if row["state"] == "pending"],
        }


def _add_raise(router: APIRouter, context: Context) -> None:
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


def _add_lowering(router: APIRouter, context: Context) -> None:
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
            seen_epoch=body.seen_epoch,
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
        raise refused(answer.code, answer.message)
    return JSONResponse({**msgspec.to_builtins(answer), "level": answer.level.name}, status)
