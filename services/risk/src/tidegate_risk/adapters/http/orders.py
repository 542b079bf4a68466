"""An order by hand: decided by the rules that every signal is decided by, and answered once.

It goes to the decision shard as a journalled command. A retry with the same key gets the verdict
that the first one got. With ``dry_run`` a copy of the machine answers, and nothing happens.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from tidegate_chassis.http import Principal
from tidegate_contracts.execution import OrderLeg, OrderType, Side
from tidegate_contracts.risk import PlaceOrder, PlaceOrderAnswer
from tidegate_kernel.identifiers import MANUAL
from tidegate_kernel.machine import Answer, Called
from tidegate_risk.adapters.explaining import explained
from tidegate_risk.adapters.http.context import Context, Document, refused
from tidegate_risk.adapters.http.fields import (
    Amount,
    Duration,
    Lives,
    Percent,
    SlicesBody,
    Text,
    algorithm_of,
    life_of,
)
from tidegate_risk.adapters.http.sessions import Desk, desk_of, session_meant, venue_of
from tidegate_risk.adapters.projection import verdict_document
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.shards import decision_shard

REASON_MAX = 1_000
QUESTION = "question"
NetPrice = Annotated[Decimal, Field(gt=-(10**15), lt=10**15, max_digits=24, allow_inf_nan=False)]


class AlgorithmBody(SlicesBody):
    """How an order is cut into slices."""

    display_quantity: Amount | None = Field(None, description="Of ICEBERG: open at a time.")


class LegBody(BaseModel):
    """One option of an order that has several."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    symbol: Text
    side: Literal["BUY", "SELL"]
    ratio: int = Field(1, ge=1, le=1_000, description="Of this leg for each one of the order.")


class PlaceBody(BaseModel):
    """An order by hand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    session: str | None = Field(None, description="May be left out when there is only one.")
    key: Text | None = Field(None, description="A retry with the same key orders nothing anew.")
    strategy: Text = Field(MANUAL, description="Whose position it closes, with reduce_only.")
    venue: Text | None = Field(None, description="May be left out when one venue has the symbol.")
    symbol: Text
    side: Literal["BUY", "SELL"]
    quantity: Amount
    order_type: Literal["MARKET", "LIMIT", "STOP", "STOP_LIMIT", "TRAILING_STOP"] = "MARKET"
    limit_price: Amount | None = None
    trigger_price: Amount | None = None
    trail_amount: Amount | None = None
    trail_percent: Percent | None = None
    time_in_force: Lives = "GTC"
    valid_for: Duration | None = Field(None, description="Of GTD, as 10m.")
    post_only: bool = False
    extended_hours: bool = Field(default=False, description="Also around the regular session.")
    stop_price: Amount | None = Field(None, description="Where the position is given up.")
    take_profit_price: Amount | None = Field(None, description="Where it has won enough.")
    reduce_only: bool = Field(
        default=False, description="It may only bring the position nearer to zero."
    )
    algorithm: AlgorithmBody | None = Field(None, description="Left out: it is sent whole.")
    legs: tuple[LegBody, ...] = Field((), description="Options on the symbol, with side BUY.")
    net_price: NetPrice | None = Field(
        None, description="Limit of an order with legs: below 0 that much is received at least."
    )
    reason: str = Field(min_length=1, max_length=REASON_MAX)
    dry_run: bool = Field(
        default=False, description="Only ask what would be said; nothing is ordered."
    )


def add_orders(router: APIRouter, context: Context) -> None:
    """Add what places orders by hand."""

    @router.post("/v1/orders")
    async def place(body: PlaceBody, principal: Principal) -> Document:
        """Decide an order by hand; one that is refused answers 409 with the verdict's code."""
        session = session_meant(context, body.session)
        desk = desk_of(context, session)
        command = _command(desk, body, principal)
        if body.dry_run:
            return _told(await desk.aside(lambda copy: _aside(copy, command, desk.now_ns)))
        answer = await context.call(decision_shard(session.name), command, principal)
        assert isinstance(answer, PlaceOrderAnswer)
        verdict = answer.verdict
        if verdict is not None and verdict.refusal is not None:
            raise refused(verdict.refusal.code, verdict.refusal.message)
        return _told(answer)


def _aside(copy: DecisionMachine, command: PlaceOrder, now_ns: int) -> PlaceOrderAnswer:
    """Return what a copy of the machine, which is forgotten then, answers now."""
    for effect in copy.handle(Called(QUESTION, command), now_ns):
        if isinstance(effect, Answer) and isinstance(effect.body, PlaceOrderAnswer):
            return effect.body
    message = "a command to place an order is always answered"
    raise AssertionError(message)


def _told(answer: PlaceOrderAnswer) -> Document:
    if answer.verdict is None:
        raise refused(answer.code, answer.message)
    document = verdict_document(answer.verdict)
    return {"verdict": document, "explanation": explained(document)}


def _command(desk: Desk, body: PlaceBody, principal: str) -> PlaceOrder:
    sliced = body.algorithm
    life = life_of(body.time_in_force, body.valid_for)
    return PlaceOrder(
        session=desk.session.name,
        key=body.key or uuid.uuid4().hex,
        principal=principal,
        reason=body.reason,
        strategy=body.strategy,
        venue=body.venue or venue_of(desk, body.legs[0].symbol if body.legs else body.symbol),
        symbol=body.symbol,
        side=Side[body.side],
        order_type=OrderType[body.order_type],
        quantity=body.quantity,
        limit_price=body.limit_price if body.net_price is None else body.net_price,
        trigger_price=body.trigger_price,
        trail_amount=body.trail_amount,
        trail_percent=body.trail_percent,
        time_in_force=life.time_in_force,
        valid_for_ns=life.valid_for_ns,
        post_only=body.post_only,
        extended_hours=body.extended_hours,
        stop_price=body.stop_price,
        take_profit_price=body.take_profit_price,
        reduce_only=body.reduce_only,
        legs=tuple(
            OrderLeg(symbol=leg.symbol, side=Side[leg.side], ratio=leg.ratio) for leg in body.legs
        ),
        algorithm=algorithm_of(sliced, None if sliced is None else sliced.display_quantity),
    )
