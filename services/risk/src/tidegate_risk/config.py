"""Sizing and limits of a session, as its ``limits:`` in `tidegate.yaml` may set them.

Fractions are of 1, percents of 100, money is in the session's currency. Durations named ``_s``
are seconds: those of verdicts, signals and the account pass on the wall and are stretched by the
session's speed; windows pass in the session's own time.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tidegate_chassis.configuration.problem import Problem
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.parameters import DecisionParameters, GateParameters, Limits, Sizing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate_chassis.configuration.models import Configuration, Session

REQUEST_VALID_S = 600

Fraction = Annotated[Decimal, Field(gt=0, le=1)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class RiskLimits(BaseModel):
    """Sizing and limits of one session."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    position_fraction: Fraction = Field(
        Decimal("0.20"), description="Share of equity that one strategy's position takes."
    )
    risk_per_trade_fraction: Fraction = Field(
        Decimal("0.02"), description="Share of equity that may be lost if the stop is hit."
    )
    trade_notional_min: Decimal = Field(
        Decimal(50), ge=0, description="Smallest value of an entry, in the session's currency."
    )
    order_quantity_max: Decimal = Field(
        Decimal(1_000_000), gt=0, description="Largest quantity of one order, in units."
    )
    order_notional_max_fraction: Fraction = Field(
        Decimal("0.25"), description="Largest value of one order, as a share of equity."
    )
    symbol_exposure_max_fraction: Fraction = Field(
        Decimal("0.30"), description="Largest worst-case value of one symbol, share of equity."
    )
    gross_exposure_max_fraction: Decimal = Field(
        Decimal(1), gt=0, le=10, description="Largest worst-case value of all symbols together."
    )
    open_positions_max: int = Field(
        3, ge=1, le=10_000, description="Most symbols held or being bought at once."
    )
    open_orders_max: int = Field(20, ge=1, le=10_000, description="Most orders open at once.")
    daily_loss_max_percent: Decimal = Field(
        Decimal("2.0"),
        gt=0,
        le=50,
        description="Loss since the UTC day began from which nothing may be opened, in percent of "
        "the day's first equity: 2.0 is 2 %.",
    )
    cash_buffer_fraction: Decimal = Field(
        Decimal("0.02"), ge=0, le=1, description="How much worse a price an order must afford."
    )
    price_age_max_bars: int = Field(
        2, ge=1, le=1_000, description="Oldest usable price, in lengths of its bar."
    )
    signal_age_max_s: Seconds = Field(5.0, description="Oldest signal that may open a position.")
    account_lag_max_s: Seconds = Field(
        5.0, description="How long the portfolio may take to book a fill."
    )
    duplicate_window_s: Seconds = Field(
        60.0, description="An equal order of a strategy within this window is a duplicate."
    )
    rate_window_s: Seconds = Field(60.0, description="Window of `rate_orders_max`.")
    rate_orders_max: int = Field(
        30, ge=1, le=100_000, description="Most orders approved within `rate_window_s`."
    )
    short_allowed: bool = Field(default=False, description="Whether SHORT may open positions.")
    verdict_ttl_s: Seconds = Field(
        2.0, description="How long an approval counts; in lockstep sessions it does not expire."
    )

    @model_validator(mode="after")
    def _sizes_fit_their_limits(self) -> Self:
        limit = min(self.order_notional_max_fraction, self.symbol_exposure_max_fraction)
        if self.position_fraction > limit:
            message = (
                f"expected position_fraction at most {limit}, the smaller of "
                "order_notional_max_fraction and symbol_exposure_max_fraction, found "
                f"{self.position_fraction}: every full-sized entry would be refused"
            )
            raise ValueError(message)
        return self


PROFILES: Mapping[str, Mapping[str, str | int | bool]] = {
    "conservative": {
        "position_fraction": "0.10",
        "risk_per_trade_fraction": "0.005",
        "order_notional_max_fraction": "0.12",
        "symbol_exposure_max_fraction": "0.15",
        "gross_exposure_max_fraction": "0.50",
        "open_positions_max": 5,
        "daily_loss_max_percent": "1.0",
        "cash_buffer_fraction": "0.05",
        "rate_orders_max": 10,
    },
    "moderate": {},
    "aggressive": {
        "position_fraction": "0.30",
        "risk_per_trade_fraction": "0.05",
        "order_notional_max_fraction": "0.40",
        "symbol_exposure_max_fraction": "0.50",
        "gross_exposure_max_fraction": "1.5",
        "open_positions_max": 10,
        "daily_loss_max_percent": "5.0",
        "cash_buffer_fraction": "0.01",
        "rate_orders_max": 60,
        "short_allowed": True,
    },
}
"""Limits by a name, as a session's ``limits:`` would hold them. What one does not name is the
default, so ``moderate`` is the defaults themselves."""


def parameters_of(session: Session) -> DecisionParameters:
    """Return what the session's decision machine is told."""
    settings = RiskLimits.model_validate(session.limits)
    lockstep = session.clock == "lockstep"
    speed = 1.0 if lockstep else session.speed
    return DecisionParameters(
        session=session.name,
        account=session.account,
        feed=session.feed_name,
        currency=session.capital.currency,
        capital=session.capital.amount,
        lockstep=lockstep,
        verdict_ttl_ns=0 if lockstep else _ns(settings.verdict_ttl_s * speed),
        sizing=Sizing(
            position_fraction=settings.position_fraction,
            risk_per_trade_fraction=settings.risk_per_trade_fraction,
        ),
        limits=_limits(settings, speed),
    )


def gate_parameters() -> GateParameters:
    """Return what the gate machine is told."""
    return GateParameters(request_valid_ns=_ns(REQUEST_VALID_S))


def check(configuration: Configuration) -> list[Problem]:
    """Return everything that is wrong with the sessions' limits."""
    problems: list[Problem] = []
    for session in configuration.sessions:
        try:
            RiskLimits.model_validate(session.limits)
        except ValidationError as error:
            place = f"sessions.{session.name}.limits"
            problems += [_problem(place, each) for each in error.errors(include_url=False)]
    return problems


def _limits(settings: RiskLimits, speed: float) -> Limits:
    return Limits(
        trade_notional_min=settings.trade_notional_min,
        order_quantity_max=settings.order_quantity_max,
        order_notional_max_fraction=settings.order_notional_max_fraction,
        symbol_exposure_max_fraction=settings.symbol_exposure_max_fraction,
        gross_exposure_max_fraction=settings.gross_exposure_max_fraction,
        open_positions_max=settings.open_positions_max,
        open_orders_max=settings.open_orders_max,
        daily_loss_max_percent=settings.daily_loss_max_percent,
        cash_buffer_fraction=settings.cash_buffer_fraction,
        price_age_max_bars=settings.price_age_max_bars,
        signal_age_max_ns=_ns(settings.signal_age_max_s * speed),
        account_lag_max_ns=_ns(settings.account_lag_max_s * speed),
        duplicate_window_ns=_ns(settings.duplicate_window_s),
        rate_window_ns=_ns(settings.rate_window_s),
        rate_orders_max=settings.rate_orders_max,
        short_allowed=settings.short_allowed,
    )


def _problem(place: str, error: object) -> Problem:
    assert isinstance(error, dict)
    path = ".".join([place, *(str(part) for part in error["loc"])])
    if error["type"] == "extra_forbidden":
        known = ", ".join(RiskLimits.model_fields)
        return Problem(path, f"one of {known}", "an unknown key", "remove it or mend its name")
    if error["type"] == "value_error":
        expected, _, found = str(error["ctx"]["error"]).partition(", found ")
        return Problem(place, expected.removeprefix("expected "), found)
    field = RiskLimits.model_fields.get(str(error["loc"][0]))
    hint = field.description or "" if field else ""
    return Problem(
        path, str(error["msg"]).removeprefix("Input should be "), repr(error["input"]), hint
    )


def _ns(seconds: float) -> int:
    return round(seconds * NS_PER_SECOND)
