"""What one order may be, and how many there may be."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from tidegate_risk.config.fields import Fraction, FractionOrZero, Group, Seconds


class OrderLimits(Group):
    """Bounds of one order, of their number and of their pace."""

    trade_notional_min: Decimal = Field(
        Decimal(50), ge=0, description="Smallest value of an entry, in the session's currency."
    )
    order_quantity_max: Decimal = Field(
        Decimal(1_000_000), gt=0, description="Largest quantity of one order, in units."
    )
    order_notional_max_fraction: Fraction = Field(
        Decimal("0.25"), description="Largest value of one order, as a share of equity."
    )
    open_orders_max: int = Field(20, ge=1, le=10_000, description="Most orders open at once.")
    cash_buffer_fraction: FractionOrZero = Field(
        Decimal("0.02"), description="How much worse a price an order must afford."
    )
    stop_slippage_fraction: FractionOrZero = Field(
        Decimal("0.01"),
        description="How far beyond its trigger a stop entry without a limit is taken to fill.",
    )
    duplicate_window_s: Seconds = Field(
        60.0, description="An equal order of a strategy within this window is a duplicate."
    )
    rate_window_s: Seconds = Field(60.0, description="Window of `rate_orders_max`.")
    rate_orders_max: int = Field(
        30, ge=1, le=100_000, description="Most orders approved within `rate_window_s`."
    )
    volume_share_max_fraction: Fraction = Field(
        Decimal("0.05"), description="Largest order as a share of what trades in a day."
    )
    repeat_executions_max: int = Field(
        25,
        ge=2,
        le=100_000,
        description="After so many equal executions in a row a strategy is disabled until its "
        "scope of the gate has been lowered.",
    )
    repeat_window_s: Seconds = Field(
        3_600.0, description="An equal execution after a longer time begins a new row."
    )
    verdict_ttl_s: Seconds = Field(
        2.0, description="How long an approval counts; in lockstep sessions it does not expire."
    )
