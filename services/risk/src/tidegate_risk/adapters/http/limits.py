"""Limits and exposure over HTTP."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter

from tidegate_risk.adapters import projection
from tidegate_risk.adapters.http.context import Context, Document, SessionName, bare, every
from tidegate_risk.config import parameters_of


def add_limits(router: APIRouter, context: Context) -> None:
    """Add what shows limits and what they bound."""

    @router.get("/v1/limits")
    async def limits(session: SessionName = None) -> Document:
        """Return each session's sizing and limits as its decision machine has them."""
        found = [each for each in context.configuration.sessions if session in (None, each.name)]
        return {"sessions": [msgspec.to_builtins(parameters_of(each)) for each in found]}

    @router.get("/v1/exposure")
    async def exposure(session: SessionName = None) -> Document:
        """Return the numbers of each session's newest verdict."""
        found = every(context.projections, projection.EXPOSURE, session)
        return {"sessions": [bare(row) async for row in found]}
