"""Limits over HTTP: the document in force, its history, and the commands that change it.

A document that loosens nothing takes effect at once. Any other waits for another principal, ten
minutes by the wall's clock. Whatever environment variables say tightens every document.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from tidegate_chassis.http import ApiError, Principal
from tidegate_contracts.risk import ApproveLimits, ChangeLimits, LimitsAnswer
from tidegate_kernel.time import format_time
from tidegate_risk.adapters import projection
from tidegate_risk.adapters.dry_run_aside import Asked, tried
from tidegate_risk.adapters.http.context import (
    PAGE,
    Context,
    Document,
    Limit,
    Moment,
    SessionName,
    bare,
    moment,
    refused,
    required_cursor,
)
from tidegate_risk.adapters.http.sessions import Desk, desks, session_meant
from tidegate_risk.config import document_of, problems_of, settings_of
from tidegate_risk.core.changes.comparing import changes_between
from tidegate_risk.core.changes.document import write_resolved
from tidegate_risk.shards import decision_shard

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import Session
    from tidegate_contracts.risk import LimitChange
    from tidegate_kernel.machine import Body
    from tidegate_risk.core.changes.document import LimitsDocument

REASON_MAX = 1_000


class ProposeBody(BaseModel):
    """Put another document of limits in force."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    session: str | None = Field(None, description="May be left out when there is only one.")
    document: dict[str, Any] = Field(description="As `limits:` of a session may hold it.")
    reason: str = Field(min_length=1, max_length=REASON_MAX)
    replaces_version: int = Field(
        0, ge=0, lt=2**63, description="Refused when another version is in force; 0: any."
    )


class DryRunBody(BaseModel):
    """Try another document on what the session has recorded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    session: str | None = Field(None, description="May be left out when there is only one.")
    document: dict[str, Any] = Field(description="As `limits:` of a session may hold it.")
    since: Moment = Field(None, description="Session time, ISO 8601. Default: its newest day.")
    until: Moment = Field(None, description="Up to this time, and without it. Default: the end.")
    limit: int = Field(500, ge=1, le=PAGE, description="The most verdicts that are listed.")


class ApproveBody(BaseModel):
    """Approve a looser document that somebody else has proposed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    session: str | None = Field(None, description="May be left out when there is only one.")
    request_id: str = Field(min_length=1, max_length=64)


def add_limits(router: APIRouter, context: Context) -> None:
    """Add what shows and changes limits."""
    _add_current(router, context)
    _add_history(router, context)
    _add_dry_run(router, context)
    _add_commands(router, context)


def _add_current(router: APIRouter, context: Context) -> None:
    @router.get("/v1/limits")
    async def limits(session: SessionName = None) -> Document:
        """Return each session's document in force, what it comes to, and what waits."""
        return {"sessions": [_current(desk) for desk in desks(context, session)]}


def _add_history(router: APIRouter, context: Context) -> None:
    @router.get("/v1/limits/history")
    async def history(session: SessionName = None, after: str = "", limit: Limit = 100) -> Document:
        """Return changes and requests oldest first, with their documents; ``next`` goes on."""
        required_cursor(after)
        kind = projection.LIMITS
        rows = await context.projections.list(kind, session=session, after=after, limit=limit)
        following = rows[-1]["cursor"] if len(rows) == limit else None
        return {"changes": [bare(row) for row in rows], "next": following}


def _add_dry_run(router: APIRouter, context: Context) -> None:
    @router.post("/v1/limits/dry-run")
    async def dry_run(body: DryRunBody, _: Principal) -> Document:
        """Return which recorded orders a document would have refused; nothing is changed."""
        session = session_meant(context, body.session)
        _read(session, body.document)
        asked = Asked(
            session=session.model_dump(mode="json"),
            document=body.document,
            since_ns=moment("since", body.since),
            until_ns=moment("until", body.until),
            limit=body.limit,
        )
        return await tried(asked)


def _add_commands(router: APIRouter, context: Context) -> None:
    @router.post("/admin/limits/propose")
    async def propose(body: ProposeBody, principal: Principal) -> JSONResponse:
        """Put a document in force if it loosens nothing, else file it for another principal."""
        session = session_meant(context, body.session)
        document = _read(session, body.document)
        command = ChangeLimits(
            document=document.text,
            sha256=document.sha256,
            resolved=write_resolved(document.resolved),
            principal=principal,
            reason=body.reason,
            replaces_version=body.replaces_version,
            asked_at_ns=time.time_ns(),
        )
        return _answered(await context.call(decision_shard(session.name), command, principal))

    @router.post("/admin/limits/approve")
    async def approve(body: ApproveBody, principal: Principal) -> JSONResponse:
        """Put a document in force that somebody else has proposed."""
        session = session_meant(context, body.session)
        command = ApproveLimits(
            request_id=body.request_id, principal=principal, asked_at_ns=time.time_ns()
        )
        return _answered(await context.call(decision_shard(session.name), command, principal))


def _read(session: Session, given: dict[str, Any]) -> LimitsDocument:
    problems = problems_of(session, given)
    if problems:
        said = "; ".join(f"{p.path}: expected {p.expected}" for p in problems)
        found = "; ".join(f"{p.path} = {p.found}" for p in problems)
        hint = "; ".join(dict.fromkeys(p.hint for p in problems if p.hint))
        raise ApiError(422, "INVALID_LIMITS", said, found, hint or "mend it; nothing was changed")
    settings, _ = settings_of(session, given)
    return document_of(settings, session)


def _current(desk: Desk) -> Document:
    standing = desk.machine.state.limits
    settings, sources = settings_of(desk.session)
    configured = document_of(settings, desk.session)
    document = standing.document
    return {
        "session": desk.session.name,
        "account": desk.session.account,
        "version": standing.version,
        "sha256": document.sha256,
        "document": json.loads(document.text or "{}"),
        "limits": msgspec.to_builtins(document.resolved.limits),
        "overrides": {
            each.scope: {
                name: msgspec.to_builtins(getattr(each.limits, name)) for name in each.names
            }
            for each in document.resolved.overrides
        },
        "environment": [each.told() for each in sources],
        "configured_sha256": configured.sha256,
        "held_back": _changes(changes_between(document.resolved, configured.resolved)),
        "requests": [
            {
                "request_id": request_id,
                "principal": request.principal,
                "reason": request.reason,
                "replaces_version": request.replaces_version,
                "expires_at": format_time(request.expires_at_ns),
                "sha256": request.document.sha256,
                "changes": _changes(changes_between(document.resolved, request.document.resolved)),
            }
            for request_id, request in standing.requests.items()
        ],
    }


def _changes(changes: tuple[LimitChange, ...]) -> list[Document]:
    return [msgspec.to_builtins(each) for each in changes]


def _answered(answer: Body) -> JSONResponse:
    assert isinstance(answer, LimitsAnswer)
    if not answer.accepted:
        raise refused(answer.code, answer.message)
    return JSONResponse(msgspec.to_builtins(answer), 202 if answer.request_id else 200)
