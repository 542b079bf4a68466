"""Verdicts over HTTP: searched, counted by reason, one with all its numbers, or in words."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from tidegate_chassis.host.queries import Wanted
from tidegate_chassis.http import ApiError
from tidegate_risk.adapters import projection
from tidegate_risk.adapters.explaining import explained
from tidegate_risk.adapters.http.context import (
    PAGE,
    Context,
    Document,
    Moment,
    SessionName,
    bare,
    every,
    moment,
    required_cursor,
)

AT_FIELD = "decided_at_ns"


class VerdictFilter(BaseModel):
    """Which verdicts are searched for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    session: str | None = None
    strategy: str | None = None
    symbol: str | None = None
    decision: Literal["APPROVED", "REFUSED"] | None = None
    code: str | None = Field(None, description="A refusal's code.")
    client_order_id: str | None = Field(None, description="That of the approved order.")
    since: Moment = None
    until: Moment = None
    after: str = Field("", description="The `next` of the page before.")
    limit: int = Field(1_000, ge=1, le=PAGE)
    order: Literal["oldest", "newest"] = Field("oldest", description="Which come first.")

    def values(self) -> Document:
        """Return what the documents must hold."""
        named = self.model_dump(include={"strategy", "symbol", "decision", "code"})
        order = {"client_order_id": self.client_order_id} if self.client_order_id else None
        named["order"] = order
        return {name: value for name, value in named.items() if value is not None}


def add_verdicts(router: APIRouter, context: Context) -> None:
    """Add what reads verdicts."""
    _add_search(router, context)
    _add_one(router, context)


def _add_search(router: APIRouter, context: Context) -> None:
    rows = context.projections

    @router.get("/v1/verdicts")
    async def verdicts(asked: Annotated[VerdictFilter, Query()]) -> Document:
        """Return the verdicts that are searched for, in their order; ``next`` goes on."""
        required_cursor(asked.after)
        wanted = Wanted(
            values=asked.values(),
            at_field=AT_FIELD,
            since_ns=moment("since", asked.since),
            until_ns=moment("until", asked.until),
            newest_first=asked.order == "newest",
            limit=asked.limit,
        )
        kind = projection.VERDICT
        found = await rows.search(kind, wanted, session=asked.session, after=asked.after)
        following = found[-1]["cursor"] if len(found) == asked.limit else None
        return {"verdicts": [bare(row) for row in found], "next": following}

    @router.get("/v1/verdicts/counts")
    async def counts(session: SessionName = None) -> Document:
        """Return how many signals were approved, and how many were refused for which reason."""
        codes = Counter([row["code"] async for row in every(rows, projection.VERDICT, session)])
        approved = codes.pop(None, 0)
        return {"approved": approved, "refused": dict(sorted(codes.items()))}


def _add_one(router: APIRouter, context: Context) -> None:
    @router.get("/v1/verdicts/{signal_key:path}/explain")
    async def explain(signal_key: str) -> Document:
        """Return a verdict in words: why this order, why this size, or why none."""
        verdict = await _found(context, signal_key)
        return {"verdict": verdict, "explanation": explained(verdict)}

    @router.get("/v1/verdicts/{signal_key:path}")
    async def one(signal_key: str) -> Document:
        """Return the verdict of one signal by its logical key."""
        return await _found(context, signal_key)


async def _found(context: Context, signal_key: str) -> Document:
    row = await context.projections.get(projection.VERDICT, signal_key)
    if row is None:
        raise ApiError(
            404,
            "UNKNOWN_SIGNAL",
            "the logical key of a signal that has a verdict",
            signal_key,
            "GET /v1/verdicts lists them",
        )
    return bare(row)
