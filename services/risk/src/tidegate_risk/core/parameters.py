"""What the decision machine is told: its session and its limits, units in the names.

Fractions are of 1 (0.3 is 30 %), ``_percent`` is of 100, money is in the session's currency,
times are in session nanoseconds (a session of speed N has been multiplied by N already).
"""

from __future__ import annotations

from decimal import Decimal

import msgspec


class Sizing(msgspec.Struct, frozen=True, kw_only=True):
    """How large a position a signal may want."""

    position_fraction: Decimal
    """Share of equity that one position may take."""
    risk_per_trade_fraction: Decimal
    """Share of equity that may be lost between the reference price and the stop."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What no order may exceed."""

    trade_notional_min: Decimal
    order_quantity_max: Decimal
    order_notional_max_fraction: Decimal
    symbol_exposure_max_fraction: Decimal
    gross_exposure_max_fraction: Decimal
    open_positions_max: int
    open_orders_max: int
    daily_loss_max_percent: Decimal
    cash_buffer_fraction: Decimal
    """A buy must leave room for this much worse a price."""
    price_age_max_bars: int
    signal_age_max_ns: int
    account_lag_max_ns: int
    """How long the account may be behind our own fills."""
    duplicate_window_ns: int
    rate_window_ns: int
    rate_orders_max: int
    short_allowed: bool


class DecisionParameters(msgspec.Struct, frozen=True, kw_only=True):
    """One session, as its decision machine sees it."""

    session: str
    account: str
    feed: str
    currency: str
    capital: Decimal
    lockstep: bool
    verdict_ttl_ns: int
    sizing: Sizing
    limits: Limits


class GateParameters(msgspec.Struct, frozen=True, kw_only=True):
    """The gate machine has one setting."""

    request_valid_ns: int
    """How long a request to lower the gate waits for a second principal."""
