"""What questions and orders over HTTP have in common: kinds of value, and how long they live."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from tidegate_chassis.http import ApiError
from tidegate_contracts.execution import AlgorithmKind, ExecutionAlgorithm, TimeInForce
from tidegate_kernel.time import parse_duration


def _duration(text: str) -> str:
    parse_duration(text)
    return text


Text = Annotated[str, Field(min_length=1, max_length=128)]
Amount = Annotated[Decimal, Field(gt=0, lt=10**15, max_digits=24, allow_inf_nan=False)]
Percent = Annotated[Decimal, Field(gt=0, lt=100, max_digits=24, allow_inf_nan=False)]
Share = Annotated[Decimal, Field(gt=0, le=1, max_digits=24, allow_inf_nan=False)]
Duration = Annotated[str, AfterValidator(_duration)]
Lives = Literal["DAY", "GTC", "IOC", "FOK", "GTD"]


class SlicesBody(BaseModel):
    """How an order is cut into slices; what an iceberg shows is said by those who take it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["TWAP", "VWAP", "ICEBERG"]
    over: Duration | None = Field(None, description="Of TWAP and VWAP, as 10m.")
    slices: int = Field(0, ge=0, le=1_000, description="Of TWAP: how many.")
    participation: Share | None = Field(None, description="Of VWAP: share of the traded volume.")


def algorithm_of(
    body: SlicesBody | None, display_quantity: Decimal | None = None
) -> ExecutionAlgorithm | None:
    """Return how an order is cut; the rules say whether its parts fit together."""
    if body is None:
        return None
    return ExecutionAlgorithm(
        kind=AlgorithmKind[body.kind],
        duration_ns=0 if body.over is None else parse_duration(body.over),
        slices=body.slices,
        participation=body.participation,
        display_quantity=display_quantity,
    )


class Life(NamedTuple):
    """How long an order works; ``valid_for_ns`` is 0 unless it is GTD."""

    time_in_force: TimeInForce
    valid_for_ns: int


def life_of(lives: Lives, valid_for: str | None) -> Life:
    """Return how long an order works; GTD and a duration need each other."""
    if (valid_for is not None) != (lives == "GTD"):
        found = f"{lives} with valid_for {valid_for or 'left out'}"
        raise ApiError(
            422, "VALID_FOR", "valid_for with time_in_force GTD and only with it", found, "mend it"
        )
    return Life(TimeInForce[lives], 0 if valid_for is None else parse_duration(valid_for))
