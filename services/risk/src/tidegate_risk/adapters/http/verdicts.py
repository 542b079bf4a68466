"""Verdicts over HTTP: a page at a time, counted by reason, one with all its numbers."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter

from tidegate_chassis.http import ApiError
from tidegate_risk.adapters import projection
from tidegate_risk.adapters.http.context import (
    Context,
    Document,
    Limit,
    SessionName,
    bare,
    every,
)


def add_verdicts(router: APIRouter, context: Context) -> None:
    """Add what reads verdicts."""
    rows = context.projections

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
        return {"verdicts": [bare(row) for row in found], "next": following}

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
        return bare(found)
