"""Every breaker, in the order in which they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegate_risk.core.breakers import daily_loss, drawdown, pnl_jump

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

BREAKERS: tuple[Breaker, ...] = tuple(each.breaker for each in ON_EQUITY)

BY_NAME = {breaker.name: breaker for breaker in BREAKERS}
