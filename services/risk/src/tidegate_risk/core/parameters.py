"""What the decision machine is told: its session and its limits, units in the names.

Fractions are of 1 (0.3 is 30 %), ``_percent`` is of 100, money is in the session's currency,
times are in session nanoseconds (a session of speed N has been multiplied by N already).
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_risk.core.breakers.limits import BreakerLimits
from tidegate_risk.core.portfolio.stress import Scenario
from tidegate_risk.core.schedules.blackouts import Blackout


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What sizes are made of, and what no order may exceed; see `config` for each one's meaning."""

    # Sizing.
    position_fraction: Decimal
    risk_per_trade_fraction: Decimal
    stop_range_multiple: Decimal
    stop_range_bars: int
    take_profit_range_multiple: Decimal
    volatility_target_fraction: Decimal
    kelly_enabled: bool
    kelly_fraction: Decimal
    kelly_trades_min: int
    kelly_size_min_fraction: Decimal
    confidence_size_min_fraction: Decimal
    exposure_taper_start_fraction: Decimal
    loss_taper_start_fraction: Decimal
    taper_size_min_fraction: Decimal
    correlation_size_min_fraction: Decimal
    drawdown_shrink_percent: Decimal
    drawdown_size_fraction: Decimal
    launch_ramp_ns: int
    launch_size_fraction: Decimal

    # One order, and how many.
    trade_notional_min: Decimal
    order_quantity_max: Decimal
    order_notional_max_fraction: Decimal
    open_orders_max: int
    cash_buffer_fraction: Decimal
    stop_slippage_fraction: Decimal
    duplicate_window_ns: int
    rate_window_ns: int
    rate_orders_max: int
    volume_share_max_fraction: Decimal
    repeat_executions_max: int
    repeat_window_ns: int

    # What may be held and lost.
    symbol_exposure_max_fraction: Decimal
    gross_exposure_max_fraction: Decimal
    open_positions_max: int
    daily_loss_max_percent: Decimal
    entries_allowed: bool
    short_allowed: bool
    # Later than the others: documents of before lack it.
    extended_hours_allowed: bool = False
    breakers: BreakerLimits
    position_quantity_max: Decimal
    net_exposure_max_fraction: Decimal
    leverage_max: Decimal

    # Options.
    option_expiry_margin_ns: int
    option_delta_max_fraction: Decimal
    option_gamma_max_fraction: Decimal
    option_vega_max_fraction: Decimal
    option_theta_max_fraction: Decimal
    # Of orders with legs: the largest loss at the expiry, and whether it may have no bound.
    option_loss_max_fraction: Decimal = Decimal("0.05")
    option_loss_unbounded_allowed: bool = False

    # Signals, and the numbers under them.
    price_age_max_bars: int
    price_age_max_ns: int
    price_collar_fraction: Decimal
    models_approved: tuple[str, ...]
    signal_age_max_ns: int
    account_lag_max_ns: int
    estimates_required: bool
    blackouts: tuple[Blackout, ...]

    # What all positions together may risk.
    portfolio_heat_max_fraction: Decimal
    stop_assumed_fraction: Decimal
    asset_exposure_max_fraction: Decimal
    asset_class_exposure_max_fraction: Decimal
    correlation_threshold: Decimal
    correlated_exposure_max_fraction: Decimal
    var_confidence_percent: int
    var_horizon_days: int
    var_max_fraction: Decimal
    cvar_max_fraction: Decimal
    stress_loss_max_fraction: Decimal
    stress_scenarios: tuple[Scenario, ...]
    estimate_days_min: int
    estimate_hours_min: int
    estimate_interval_ns: int
    estimate_age_max_ns: int


class Override(msgspec.Struct, frozen=True):
    """Limits that differ in a scope: ``names`` says which of ``limits`` were set for it."""

    scope: str
    """``strategy:<strategy>`` or ``symbol:<symbol>``."""
    names: tuple[str, ...]
    limits: Limits


class DecisionParameters(msgspec.Struct, frozen=True, kw_only=True):
    """One session, as its decision machine sees it."""

    session: str
    account: str
    feed: str
    currency: str
    capital: Decimal
    lockstep: bool
    verdict_ttl_ns: int
    limits: Limits
    overrides: tuple[Override, ...] = ()
    limits_text: str = ""
    """The document that the limits come from, as canonical JSON, and its hash."""
    limits_sha256: str = ""
    request_valid_ns: int = 0
    """How long looser limits wait for a second principal, on the wall's clock."""
    strategies: tuple[str, ...] = ()
    """The session's strategies: a signal of another is refused. None named: any may signal."""


class GateParameters(msgspec.Struct, frozen=True, kw_only=True):
    """The gate machine has one setting."""

    request_valid_ns: int
    """How long a request to lower the gate waits for a second principal."""
