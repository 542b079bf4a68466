"""How large a position a signal may want."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from tidegate_risk.config.fields import Fraction, FractionOrZero, Group, Multiple


class SizingLimits(Group):
    """What sizes are made of."""

    position_fraction: Fraction = Field(
        Decimal("0.20"), description="Share of equity that one strategy's position takes."
    )
    risk_per_trade_fraction: Fraction = Field(
        Decimal("0.02"), description="Share of equity that may be lost if the stop is hit."
    )
    stop_range_multiple: Decimal = Field(
        Decimal(2),
        ge=0,
        le=20,
        description="How far away the stop of an entry is whose signal names none, in average "
        "true ranges; 0: it has none.",
    )
    stop_range_bars: int = Field(
        14, ge=2, le=100, description="Bars of the average true range, the listing's shortest."
    )
    take_profit_range_multiple: Decimal = Field(
        Decimal(3),
        ge=0,
        le=100,
        description="How far away an entry's take-profit is, in average true ranges; 0: none.",
    )
    volatility_target_fraction: Multiple = Field(
        Decimal("0.15"),
        description="By how much of equity a position may move it in a year, as one standard "
        "deviation.",
    )
    kelly_enabled: bool = Field(
        default=True, description="Whether a strategy's own results bound its size."
    )
    kelly_fraction: Fraction = Field(
        Decimal("0.25"), description="The part that is taken of the share of equity Kelly names."
    )
    kelly_trades_min: int = Field(
        30, ge=10, le=100, description="Trades of a strategy from which its results are used."
    )
    kelly_size_min_fraction: FractionOrZero = Field(
        Decimal("0.02"),
        description="Share of equity that a strategy whose results show no edge may still take.",
    )
    confidence_size_min_fraction: FractionOrZero = Field(
        Decimal("0.25"), description="Share of its size that a signal of no confidence has."
    )
    exposure_taper_start_fraction: FractionOrZero = Field(
        Decimal("0.8"),
        description="Share of `gross_exposure_max_fraction` from which entries shrink.",
    )
    loss_taper_start_fraction: FractionOrZero = Field(
        Decimal("0.5"), description="Share of `daily_loss_max_percent` from which entries shrink."
    )
    taper_size_min_fraction: FractionOrZero = Field(
        Decimal("0.25"), description="Share of its size that an entry has at either limit."
    )
    correlation_size_min_fraction: FractionOrZero = Field(
        Decimal("0.5"),
        description="Share of its size that an entry has that moves exactly like a position; it "
        "shrinks from `correlation_threshold` on.",
    )
    drawdown_shrink_percent: Decimal = Field(
        Decimal(15), gt=0, le=100, description="Drawdown from which entries shrink."
    )
    drawdown_size_fraction: FractionOrZero = Field(
        Decimal("0.5"), description="Share of its size that an entry has from there on."
    )
    launch_ramp_s: float | None = Field(
        None,
        ge=0,
        le=31_622_400,
        description="How long sizes of a new session grow to the whole. Default: 30 days in live "
        "sessions, else 0.",
    )
    launch_size_fraction: FractionOrZero = Field(
        Decimal("0.5"), description="Share of its size that an entry of a new session has."
    )
