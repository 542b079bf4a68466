"""A strategy has lost too often in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding
from tidegate_risk.core.breakers.table import LATCHING
from tidegate_risk.core.refusals import number

if TYPE_CHECKING:
    from tidegate_risk.core.parameters import Limits

NAME = "losing_streak"


def find(facts: Facts, strategy: str) -> Finding | None:
    """Trip when the last ``losing_streak.losses_max`` trades of a strategy were all losses."""
    losses = facts.state.results.losses_of_strategy.get(strategy, 0)
    most = facts.limits.breakers.losing_streak.most
    if losses < most:
        return None
    return Finding(
        breaker=NAME,
        member=strategy,
        reason=f"expected fewer than {most} losses in a row, found {losses} of {strategy}",
        numbers=(number("losses", losses, "trades"), number("limit_losses", most, "trades")),
    )


def _begin_anew(facts: Facts, strategy: str) -> None:
    facts.state.results.losses_of_strategy.pop(strategy, None)


def _enabled(limits: Limits) -> bool:
    return limits.breakers.losing_streak.enabled


def _level(limits: Limits) -> int:
    return limits.breakers.losing_streak.level


BREAKER = Breaker(
    name=NAME,
    kind="strategy",
    table=LATCHING,
    watches="The last `losing_streak.losses_max` trades of a strategy were losses, fees included.",
    comes_back="The next UTC day has begun; losses are counted anew.",
    enabled=_enabled,
    level=_level,
    reset=_begin_anew,
)
