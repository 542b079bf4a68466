"""Limits by a name: how bold a session is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PROFILES: Mapping[str, Mapping[str, str | int | bool]] = {
    "conservative": {
        "position_fraction": "0.10",
        "risk_per_trade_fraction": "0.005",
        "order_notional_max_fraction": "0.12",
        "symbol_exposure_max_fraction": "0.15",
        "gross_exposure_max_fraction": "0.50",
        "open_positions_max": 3,
        "daily_loss_max_percent": "1.0",
        "cash_buffer_fraction": "0.05",
        "rate_orders_max": 10,
        "portfolio_heat_max_fraction": "0.04",
        "asset_class_exposure_max_fraction": "0.50",
        "correlated_exposure_max_fraction": "0.30",
        "var_max_fraction": "0.03",
        "cvar_max_fraction": "0.045",
        "stress_loss_max_fraction": "0.40",
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
        "portfolio_heat_max_fraction": "0.20",
        "asset_class_exposure_max_fraction": "1.5",
        "correlated_exposure_max_fraction": "1.2",
        "var_max_fraction": "0.15",
        "cvar_max_fraction": "0.22",
        "stress_loss_max_fraction": "0.95",
    },
}
"""Limits by a name, as a session's ``limits:`` would hold them. What one does not name is the
default, so ``moderate`` is the defaults themselves."""
