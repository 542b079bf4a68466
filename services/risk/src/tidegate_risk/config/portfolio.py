"""What the book as a whole may risk, and what its estimates are made from."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from tidegate_risk.config.fields import Fraction, Group, Multiple

Shock = Annotated[Decimal, Field(ge=-1, le=10)]


class PortfolioLimits(Group):
    """Bounds of the risk of all positions together, each with what an order would add to it."""

    portfolio_heat_max_fraction: Fraction = Field(
        Decimal("0.06"), description="Largest loss if every stop were hit, as a share of equity."
    )
    stop_assumed_fraction: Fraction = Field(
        Decimal("0.08"),
        description="How far away a stop is taken to be, as a share of the price, where there is "
        "none.",
    )
    asset_exposure_max_fraction: Multiple | None = Field(
        None,
        description="Largest worst-case value of one asset at all venues together. Default: that "
        "of one symbol.",
    )
    asset_class_exposure_max_fraction: Multiple = Field(
        Decimal(1), description="Largest worst-case value of one class of assets."
    )
    correlation_threshold: Annotated[Decimal, Field(ge=0, le=1)] = Field(
        Decimal("0.7"), description="Correlation from which positions count as one."
    )
    correlated_exposure_max_fraction: Multiple = Field(
        Decimal("0.70"),
        description="Largest worst-case value of positions that are correlated with the order's, "
        "and of its own.",
    )
    var_confidence_percent: Literal[95, 99] = Field(
        99, description="Confidence of `var_max_fraction` and `cvar_max_fraction`."
    )
    var_horizon_days: Literal[1, 10, 21] = Field(
        1, description="Days over which both are measured: a day, two weeks, a month of trading."
    )
    var_max_fraction: Fraction = Field(
        Decimal("0.08"),
        description="Largest value at risk, the worst of the historical, the parametric and the "
        "Student one, wider while prices move more than they used to, as a share of equity.",
    )
    cvar_max_fraction: Fraction = Field(
        Decimal("0.12"), description="Largest mean loss beyond the value at risk."
    )
    stress_loss_max_fraction: Fraction = Field(
        Decimal("0.60"), description="Largest loss in any scenario, as a share of equity."
    )
    stress_scenarios: dict[str, dict[str, Shock]] = Field(
        default_factory=dict,
        description="Scenarios of your own, beside crisis-2008, covid-2020, crypto-2022 and "
        "flash-crash or in their place: by name, the change of the price (-0.5 halves it) by "
        "class of assets (`equity`, `crypto`, `option`), `asset:BTC` or `symbol:BTCUSDT`.",
    )
    estimate_days_min: int = Field(
        60, ge=20, le=500, description="Daily returns from which estimates are made from days."
    )
    estimate_hours_min: int = Field(
        240, ge=20, le=720, description="Hourly returns from which, before that, from hours."
    )
    estimate_interval_s: Annotated[float, Field(ge=3_600, le=604_800)] = Field(
        86_400.0, description="How often estimates take new returns in."
    )
    estimate_age_max_s: Annotated[float, Field(ge=3_600, le=2_592_000)] = Field(
        604_800.0, description="Oldest estimates that an entry may be decided on."
    )
