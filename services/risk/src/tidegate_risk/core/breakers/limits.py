"""What breakers are told; part of a session's limits.

Percents are of 100, fractions of 1, times in session nanoseconds. A level is a number of the gate's
`Level`. `tidegate_risk.config.breakers` explains each field and holds the defaults.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec


class Plain(msgspec.Struct, frozen=True):
    """A breaker whose threshold is another limit."""

    enabled: bool
    level: int


class Percent(Plain, frozen=True):
    """A breaker that trips at a percentage."""

    percent: Decimal


class Count(Plain, frozen=True):
    """A breaker that trips at a number of things."""

    most: int


class Crash(Percent, frozen=True):
    """A move within a few bars."""

    bars: int


class Shock(Plain, frozen=True):
    """A range beside the usual one, and the smallest that counts, of the close before it."""

    multiple: Decimal
    range_min_percent: Decimal


class Cooldown(msgspec.Struct, frozen=True):
    """A pause of a symbol after losses."""

    enabled: bool
    losses: int
    pause_ns: int


class Unreconciled(Plain, frozen=True):
    """An account that does not agree with the venue's."""

    grace_ns: int


class BreakerLimits(msgspec.Struct, frozen=True, kw_only=True):
    """All breakers of one session."""

    resumes_next_day: bool
    """Whether a declared policy lowers what may be lowered; only in lockstep sessions."""
    ramp_ns: int
    ramp_start_fraction: Decimal
    daily_loss: Plain
    drawdown: Percent
    pnl_jump: Percent
    losing_streak: Count
    cooldown: Cooldown
    overtrading: Count
    flash_crash: Crash
    volatility_shock: Shock
    spread: Percent
    stale_prices: Count
    price_divergence: Percent
    venue_rejects: Count
    unreconciled: Unreconciled
