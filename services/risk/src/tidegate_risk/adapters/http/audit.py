"""The audit over HTTP: every verdict and every event of the gate, newest first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from tidegate_chassis.host.queries import AuditQuery
from tidegate_chassis.http import ApiError
from tidegate_kernel.time import format_time
from tidegate_risk.adapters.http.context import PAGE, Context, Document, Moment, moment


class AuditFilter(BaseModel):
    """Which entries are asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    session: str | None = Field(None, description="Its entries, and the gate's.")
    who: str | None = Field(None, description="A principal, a breaker or a shard.")
    what: str | None = Field(None, description="A refusal's code, APPROVED, RAISED...")
    about: str | None = Field(None, description="A signal's key, a scope of the gate...")
    since: Moment = None
    until: Moment = None
    after: str | None = Field(None, description="The `next` of the page before.")
    limit: int = Field(100, ge=1, le=PAGE)


def add_audit(router: APIRouter, context: Context) -> None:
    """Add what reads the audit."""

    @router.get("/v1/audit")
    async def audit(wanted: Annotated[AuditFilter, Query()]) -> Document:
        """Return who did what and why, newest first; ``next`` goes on as ``after``."""
        query = AuditQuery(
            session=wanted.session,
            who=wanted.who,
            what=wanted.what,
            about=wanted.about,
            since_ns=moment("since", wanted.since),
            until_ns=moment("until", wanted.until),
        )
        before = _place(wanted.after)
        found = await context.audit.newest(query, before=before, limit=wanted.limit)
        following = str(found[-1]["entry"]) if len(found) == wanted.limit else None
        return {"audit": [_shown(entry) for entry in found], "next": following}


def _place(after: str | None) -> int | None:
    if after is None:
        return None
    if not after.isdecimal() or int(after) >= 2**63:
        raise ApiError(
            422, "INVALID_CURSOR", "the `next` of an earlier page", after, "leave `after` out"
        )
    return int(after)


def _shown(entry: Document) -> Document:
    return {**entry, "at": format_time(entry["at_ns"])}
