"""Which of two values of a limit is the stricter one.

A limit of a strategy and one of a symbol may both apply: then the stricter one counts. A change
that makes any limit looser takes a second principal. `STRICTER` says for each limit which way is
stricter; one that it does not name has no direction, so that every change of it is looser. Lists
that forbid are stricter with more in them, and of two of them both count.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from tidegate_risk.core.schedules.blackouts import all_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class Stricter(Enum):
    """Which way a limit becomes stricter."""

    SMALLER = "smaller"
    LARGER = "larger"
    MORE = "more"


STRICTER: Mapping[str, Stricter] = {
    "position_fraction": Stricter.SMALLER,
    "risk_per_trade_fraction": Stricter.SMALLER,
    "volatility_target_fraction": Stricter.SMALLER,
    "kelly_enabled": Stricter.LARGER,
    "kelly_fraction": Stricter.SMALLER,
    "kelly_size_min_fraction": Stricter.SMALLER,
    "confidence_size_min_fraction": Stricter.SMALLER,
    "exposure_taper_start_fraction": Stricter.SMALLER,
    "loss_taper_start_fraction": Stricter.SMALLER,
    "taper_size_min_fraction": Stricter.SMALLER,
    "correlation_size_min_fraction": Stricter.SMALLER,
    "drawdown_shrink_percent": Stricter.SMALLER,
    "drawdown_size_fraction": Stricter.SMALLER,
    "launch_ramp_ns": Stricter.LARGER,
    "launch_size_fraction": Stricter.SMALLER,
    "trade_notional_min": Stricter.LARGER,
    "order_quantity_max": Stricter.SMALLER,
    "order_notional_max_fraction": Stricter.SMALLER,
    "open_orders_max": Stricter.SMALLER,
    "cash_buffer_fraction": Stricter.LARGER,
    "stop_slippage_fraction": Stricter.LARGER,
    "duplicate_window_ns": Stricter.LARGER,
    "rate_window_ns": Stricter.LARGER,
    "rate_orders_max": Stricter.SMALLER,
    "volume_share_max_fraction": Stricter.SMALLER,
    "repeat_executions_max": Stricter.SMALLER,
    "repeat_window_ns": Stricter.LARGER,
    "symbol_exposure_max_fraction": Stricter.SMALLER,
    "gross_exposure_max_fraction": Stricter.SMALLER,
    "open_positions_max": Stricter.SMALLER,
    "daily_loss_max_percent": Stricter.SMALLER,
    "entries_allowed": Stricter.SMALLER,
    "short_allowed": Stricter.SMALLER,
    "extended_hours_allowed": Stricter.SMALLER,
    "position_quantity_max": Stricter.SMALLER,
    "net_exposure_max_fraction": Stricter.SMALLER,
    "leverage_max": Stricter.SMALLER,
    "option_expiry_margin_ns": Stricter.LARGER,
    "option_delta_max_fraction": Stricter.SMALLER,
    "option_gamma_max_fraction": Stricter.SMALLER,
    "option_vega_max_fraction": Stricter.SMALLER,
    "option_theta_max_fraction": Stricter.SMALLER,
    "option_loss_max_fraction": Stricter.SMALLER,
    "option_loss_unbounded_allowed": Stricter.SMALLER,
    "price_age_max_ns": Stricter.SMALLER,
    "price_collar_fraction": Stricter.SMALLER,
    "price_age_max_bars": Stricter.SMALLER,
    "signal_age_max_ns": Stricter.SMALLER,
    "account_lag_max_ns": Stricter.SMALLER,
    "blackouts": Stricter.MORE,
    "estimates_required": Stricter.LARGER,
    "portfolio_heat_max_fraction": Stricter.SMALLER,
    "stop_assumed_fraction": Stricter.LARGER,
    "asset_exposure_max_fraction": Stricter.SMALLER,
    "asset_class_exposure_max_fraction": Stricter.SMALLER,
    "correlation_threshold": Stricter.SMALLER,
    "correlated_exposure_max_fraction": Stricter.SMALLER,
    "var_confidence_percent": Stricter.LARGER,
    "var_horizon_days": Stricter.LARGER,
    "var_max_fraction": Stricter.SMALLER,
    "cvar_max_fraction": Stricter.SMALLER,
    "stress_loss_max_fraction": Stricter.SMALLER,
    "estimate_age_max_ns": Stricter.SMALLER,
}

STRICTER_IN_BREAKERS: Mapping[str, Stricter] = {
    "bars": Stricter.LARGER,
    "enabled": Stricter.LARGER,
    "grace_ns": Stricter.SMALLER,
    "level": Stricter.LARGER,
    "losses": Stricter.SMALLER,
    "most": Stricter.SMALLER,
    "multiple": Stricter.SMALLER,
    "pause_ns": Stricter.LARGER,
    "percent": Stricter.SMALLER,
    "ramp_ns": Stricter.LARGER,
    "ramp_start_fraction": Stricter.SMALLER,
    "range_min_percent": Stricter.SMALLER,
    "resumes_next_day": Stricter.SMALLER,
}
"""The same for what every breaker is told: ``breakers.drawdown.percent`` by its last word."""


def direction_of(name: str) -> Stricter | None:
    """Return which way a limit becomes stricter; None when every change of it is looser."""
    group, _, rest = name.partition(".")
    if group == "breakers":
        return STRICTER_IN_BREAKERS.get(rest.rpartition(".")[2])
    return STRICTER.get(name)


def stricter_of(name: str, one: Any, other: Any) -> Any:  # noqa: ANN401 - a limit of any kind
    """Return the stricter of two values; of a limit without a direction, the second."""
    direction = direction_of(name)
    if direction is None:
        return other
    if direction is Stricter.MORE:
        return all_of(one, other)
    return min(one, other) if direction is Stricter.SMALLER else max(one, other)


def is_looser(name: str, before: Any, after: Any) -> bool:  # noqa: ANN401 - a limit of any kind
    """Tell whether a limit becomes looser; without a direction every change of it does."""
    if before == after:
        return False
    return direction_of(name) is None or bool(stricter_of(name, before, after) != after)
