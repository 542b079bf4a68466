"""What two people book away over HTTP: the difference between the books and the venue.

The answer comes when the venue has been asked and the command is judged by what it holds now.
"""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from tidegate_chassis.http import ApiError, Principal
from tidegate_contracts.execution import AccountEntryAnswer, AdjustAccount, ApproveAdjustment

if TYPE_CHECKING:
    from tidegate_execution.adapters.http import Context

Number = Annotated[Decimal, Field(Decimal(0), allow_inf_nan=False)]
STATUS = {"COMMAND_INVALID": 422, "VENUE_SILENT": 503}
HINTS = {
    "DIFFERENCE_MISMATCH": "name exactly what differs: `tidegate account show`",
    "ENTRY_UNKNOWN": "name what ENTRY_UNREAD names: `tidegate account show`",
    "ORDERS_OPEN": "cancel them, and wait until they have ended",
    "VENUE_SILENT": "ask again when the venue answers",
    "SAME_PRINCIPAL": "let somebody else approve",
    "PRICE_UNKNOWN": "say the price",
}


class AdjustBody(BaseModel):
    """Book away what differs, exactly as it differs now."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    session: str
    symbol: str = Field("", description="May be left out when only cash differs.")
    quantity: Number
    cash: Number
    price: Annotated[Decimal | None, Field(None, ge=0, allow_inf_nan=False)]
    strategy: str = Field("", description="Whose it is; default: by what is held, or nobody's.")
    transfer: bool = Field(default=False, description="Neither profit nor loss.")
    entry_id: str = Field("", description="What could not be read, and is dealt with by this.")
    reason: str = Field(min_length=1, max_length=1_000)


class ApproveBody(BaseModel):
    """Carry out an adjustment that somebody else has asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    session: str
    request_id: str = Field(min_length=1, max_length=64)


def add_adjustments(router: APIRouter, context: Context) -> None:
    """Add the routes."""

    @router.post("/admin/account/adjust")
    async def adjust(body: AdjustBody, principal: Principal) -> JSONResponse:
        """File what is to be booked away; another principal approves it."""
        _require_strategy(context, body)
        command = AdjustAccount(
            **body.model_dump(), principal=principal, asked_at_ns=time.time_ns()
        )
        return await _told(context, command, principal)

    @router.post("/admin/account/approve")
    async def approve(body: ApproveBody, principal: Principal) -> JSONResponse:
        """Book what somebody else has asked for, if it still is exactly what differs."""
        command = ApproveAdjustment(
            session=body.session,
            request_id=body.request_id,
            principal=principal,
            asked_at_ns=time.time_ns(),
        )
        return await _told(context, command, principal)


def _require_strategy(context: Context, body: AdjustBody) -> None:
    sessions = {each.name: each for each in context.configuration.sessions}
    known = (
        sorted(each.name for each in sessions[body.session].strategies)
        if body.session in sessions
        else []
    )
    if body.session not in sessions:
        raise ApiError(
            404, "UNKNOWN_SESSION", ", ".join(sorted(sessions)), body.session, "name one"
        )
    if body.strategy and body.strategy not in known:
        raise ApiError(422, "UNKNOWN_STRATEGY", ", ".join(known), body.strategy, "name one")


async def _told(
    context: Context, command: AdjustAccount | ApproveAdjustment, principal: str
) -> JSONResponse:
    answer = await context.call(f"execution/{command.session}", command, principal)
    assert isinstance(answer, AccountEntryAnswer), "what the machine answers to a command"
    if not answer.accepted:
        expected, _, found = answer.message.removeprefix("expected ").partition(", found ")
        hint = HINTS.get(answer.code, "see `tidegate account show`")
        raise ApiError(STATUS.get(answer.code, 409), answer.code, expected, found, hint)
    document: dict[str, Any] = msgspec.to_builtins(answer)
    return JSONResponse(document, 202 if answer.request_id else 200)
