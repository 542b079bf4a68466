"""What a person does to one open order over HTTP: cancel it, or replace it.

The answer comes when the command is committed; the venue confirms later, and the order's events and
the audit tell who wanted it and why. Nothing that is larger or at a worse price passes: that is a
new order, and needs a verdict.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from tidegate_chassis.http import ApiError, Principal
from tidegate_contracts.execution import CancelOrder, OrderCommandAnswer, ReplaceOrder
from tidegate_execution.adapters import projection

if TYPE_CHECKING:
    from tidegate_execution.adapters.http import Context

Document = dict[str, Any]
Price = Annotated[Decimal | None, Field(None, gt=0, allow_inf_nan=False)]
STATUS = {"ORDER_UNKNOWN": 404, "ORDER_ENDED": 409, "ORDER_NOT_WORKING": 409}


class CancelBody(BaseModel):
    """Cancel an open order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str = ""


class ReplaceBody(BaseModel):
    """Cancel an open order and place what is left of it on other terms; absent ones stay."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quantity: Price = None
    limit_price: Price = None
    trigger_price: Price = None
    trail_amount: Price = None
    trail_percent: Price = None
    reason: str = ""


def add_order_commands(router: APIRouter, context: Context) -> None:
    """Add the routes."""

    @router.post("/v1/orders/{client_order_id}/cancel")
    async def cancel(client_order_id: str, body: CancelBody, principal: Principal) -> Document:
        """Cancel one open order; the venue confirms later."""
        session = await _session_of(context, client_order_id)
        command = CancelOrder(
            session=session,
            client_order_id=client_order_id,
            principal=principal,
            reason=body.reason,
        )
        return await _told(context, command, principal)

    @router.post("/v1/orders/{client_order_id}/replace")
    async def replace(client_order_id: str, body: ReplaceBody, principal: Principal) -> Document:
        """Replace one open order by what is left of it on other terms."""
        session = await _session_of(context, client_order_id)
        command = ReplaceOrder(
            session=session,
            client_order_id=client_order_id,
            principal=principal,
            **body.model_dump(),
        )
        return await _told(context, command, principal)


async def _session_of(context: Context, client_order_id: str) -> str:
    found = await context.projections.get(projection.ORDER, client_order_id)
    if found is None:
        hint = "see /v1/orders for the ids"
        raise ApiError(404, "ORDER_UNKNOWN", "a client order id", client_order_id, hint)
    return str(found["session"])


async def _told(context: Context, command: CancelOrder | ReplaceOrder, principal: str) -> Document:
    answer = await context.call(f"execution/{command.session}", command, principal)
    assert isinstance(answer, OrderCommandAnswer), "what the machine answers to a command"
    if not answer.accepted:
        status = STATUS.get(answer.code, 422)
        expected, _, found = answer.message.removeprefix("expected ").partition(", found ")
        hint = "what an approval does not cover is placed as a new order"
        raise ApiError(status, answer.code, expected, found, hint)
    return {
        "client_order_id": answer.client_order_id,
        "message": answer.message,
        "following_client_order_id": answer.following_client_order_id or None,
    }
