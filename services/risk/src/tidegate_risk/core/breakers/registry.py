"""Every breaker, in the order in which they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegate_risk.core.breakers import (
    cooldown,
    daily_loss,
    drawdown,
    flash_crash,
    losing_streak,
    overtrading,
    pnl_jump,
    price_divergence,
    spread,
    stale_prices,
    unreconciled,
    venue_rejects,
    volatility_shock,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding


class OnEquity(NamedTuple):
    """A breaker that watches equity: its check, and between which figures it cannot trip."""

    breaker: Breaker
    find: Callable[[Facts], Finding | None]
    floor: Callable[[Facts], Decimal]
    ceiling: Callable[[Facts], Decimal] | None = None


ON_EQUITY = (
    OnEquity(daily_loss.BREAKER, daily_loss.find, daily_loss.floor),
    OnEquity(drawdown.BREAKER, drawdown.find, drawdown.floor),
    OnEquity(pnl_jump.BREAKER, pnl_jump.find, pnl_jump.floor, pnl_jump.ceiling),
)

BREAKERS: tuple[Breaker, ...] = (
    *(each.breaker for each in ON_EQUITY),
    losing_streak.BREAKER,
    cooldown.BREAKER,
    overtrading.BREAKER,
    flash_crash.BREAKER,
    volatility_shock.BREAKER,
    spread.BREAKER,
    stale_prices.BREAKER,
    price_divergence.BREAKER,
    venue_rejects.BREAKER,
    unreconciled.BREAKER,
)

BY_NAME = {breaker.name: breaker for breaker in BREAKERS}
