"""What would you say to this order? Answered like a signal, and without any effect.

A copy of the decision machine answers, restored from a snapshot of this moment, beside the loop
that decides. So the answer comes from the very code that decides, nothing is reserved or
remembered, and nothing is journalled: nothing was decided. What an order of
one's own quantity would be told, a trailing one too, is asked where it is placed
(`orders`, ``dry_run``).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from tidegate_chassis.http import ApiError
from tidegate_contracts.signals import Direction, EntryStyle, Signal
from tidegate_kernel.time import format_time
from tidegate_risk.adapters.explaining import explained
from tidegate_risk.adapters.http.context import Context, Document
from tidegate_risk.adapters.http.fields import (
    Amount,
    Duration,
    Lives,
    Share,
    SlicesBody,
    Text,
    algorithm_of,
    life_of,
)
from tidegate_risk.adapters.http.sessions import Desk, desk_of, session_meant, venue_of
from tidegate_risk.adapters.projection import verdict_document
from tidegate_risk.core.book.market import listing_of
from tidegate_risk.core.decision.asking import ask

ORDINAL = 2**31 - 1
"""No strategy sends so many signals of one moment: the question is nobody's signal."""
MODEL = "question"
STYLES = {
    (False, False): EntryStyle.MARKET,
    (True, False): EntryStyle.LIMIT,
    (False, True): EntryStyle.STOP,
    (True, True): EntryStyle.STOP_LIMIT,
}
"""By whether a limit and a trigger are named."""
Strength = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]


class AlgorithmBody(SlicesBody):
    """How an order whose size risk finds is cut into slices."""

    display_fraction: Share | None = Field(
        None, description="Of ICEBERG: the share of the order that is open at a time."
    )


class AskBody(BaseModel):
    """An order in a strategy's words; what is left out is as at this moment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    session: str | None = Field(None, description="May be left out when there is only one.")
    strategy: Text
    symbol: Text
    direction: Literal["LONG", "SHORT", "FLAT"]
    venue: Text | None = Field(None, description="May be left out when one venue has the symbol.")
    strength: Strength = 1.0
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 1.0
    reference_price: Amount | None = Field(None, description="Default: the newest close.")
    limit_price: Amount | None = Field(None, description="A limit order's price; else at market.")
    trigger_price: Amount | None = Field(
        None, description="Where a stop order begins to work; with a limit price, a stop-limit one."
    )
    time_in_force: Lives = "GTC"
    valid_for: Duration | None = Field(None, description="Of GTD, as 10m.")
    post_only: bool = False
    extended_hours: bool = Field(default=False, description="Also around the regular session.")
    algorithm: AlgorithmBody | None = Field(None, description="Left out: it is sent whole.")
    stop_distance: Amount | None = None
    model_version: Text | None = Field(None, description="Default: the strategy's own.")


def add_asking(router: APIRouter, context: Context) -> None:
    """Add the question."""

    @router.post("/v1/ask")
    async def what_would_you_say(body: AskBody) -> Document:
        """Return the verdict that this order would get now, with its explanation."""
        desk = desk_of(context, session_meant(context, body.session))
        signal = _signal(desk, body)
        verdict = await desk.aside(lambda copy: ask(copy, signal, desk.now_ns))
        if verdict is None:
            expected = "a question of a moment in which no signal had its place"
            raise ApiError(409, "NO_ANSWER", expected, "such a signal", "ask again")
        document = verdict_document(verdict)
        return {
            "asked_at": format_time(max(desk.now_ns, 0)),
            "verdict": document,
            "explanation": explained(document),
        }


def _signal(desk: Desk, body: AskBody) -> Signal:
    strategies = [each.name for each in desk.session.strategies]
    if body.strategy not in strategies:
        expected = f"a strategy of the session: {', '.join(strategies)}"
        raise ApiError(422, "UNKNOWN_STRATEGY", expected, body.strategy, "mend it")
    venue = body.venue or venue_of(desk, body.symbol)
    market = desk.machine.state.book.market
    price = body.reference_price or market.price_of(listing_of(venue, body.symbol))
    # Without any price the answer is PRICE_MISSING, whatever stands here.
    named = price or body.limit_price or Decimal(1)
    life = life_of(body.time_in_force, body.valid_for)
    return Signal(
        session=desk.session.name,
        strategy=body.strategy,
        feed=desk.session.feed_name,
        venue=venue,
        symbol=body.symbol,
        event_at_ns=desk.now_ns,
        ordinal=ORDINAL,
        direction=Direction[body.direction],
        strength=body.strength,
        confidence=body.confidence,
        entry_style=STYLES[body.limit_price is not None, body.trigger_price is not None],
        reference_price=named,
        limit_price=body.limit_price,
        trigger_price=body.trigger_price,
        time_in_force=life.time_in_force,
        valid_for_ns=life.valid_for_ns,
        post_only=body.post_only,
        extended_hours=body.extended_hours,
        algorithm=algorithm_of(body.algorithm),
        display_fraction=None if body.algorithm is None else body.algorithm.display_fraction,
        stop_distance=body.stop_distance,
        model_version=body.model_version or _version(desk, body.strategy),
    )


def _version(desk: Desk, strategy: str) -> str:
    """Return the version that the strategy's signals carry, as far as it is known."""
    state, approved = desk.machine.state, desk.machine.parameters.limits.models_approved
    return state.models.get(strategy) or (approved[0] if approved else MODEL)
