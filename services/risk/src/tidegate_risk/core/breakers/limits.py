"""What breakers are told; part of a session's limits.

Percents are of 100, fractions of 1, times in session nanoseconds. A level is a number of the gate's
`Level`. `tidegate_risk.breaker_settings` explains each field and holds the defaults.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec


class Plain(msgspec.Struct, frozen=True):
    """A breaker without thresholds of its own: `limits` holds them, or there are none."""

    enabled: bool
    level: int


class Percent(msgspec.Struct, frozen=True):
    """A breaker that trips at a share of equity."""

    enabled: bool
    level: int
    percent: Decimal


class BreakerLimits(msgspec.Struct, frozen=True, kw_only=True):
    """All breakers of one session."""

    resumes_next_day: bool
    """Whether a declared policy lowers what may be lowered; only in lockstep sessions."""
    ramp_ns: int
    ramp_start_fraction: Decimal
    daily_loss: Plain
    drawdown: Percent
    pnl_jump: Percent
