"""A strategy has opened too much in a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.gate import Level
from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding, next_day
from tidegate_risk.core.breakers.table import PAUSING
from tidegate_risk.core.refusals import number

if TYPE_CHECKING:
    from tidegate_risk.core.parameters import Limits

NAME = "overtrading"


def find(facts: Facts, strategy: str) -> Finding | None:
    """Pause a strategy when ``overtrading.entries_max`` entries were approved in a UTC day."""
    entries = facts.state.entries.get(strategy, 0)
    most = facts.limits.breakers.overtrading.most
    if entries < most:
        return None
    return Finding(
        breaker=NAME,
        member=strategy,
        reason=f"expected fewer than {most} entries of {strategy} in a UTC day, found {entries}",
        numbers=(number("entries", entries, "orders"), number("limit_entries", most, "orders")),
        until_ns=next_day(facts.now_ns),
    )


def _enabled(limits: Limits) -> bool:
    return limits.breakers.overtrading.enabled


def _level(_limits: Limits) -> int:
    return Level.REDUCE_ONLY


BREAKER = Breaker(
    name=NAME,
    kind="strategy",
    table=PAUSING,
    watches="`overtrading.entries_max` entries of a strategy were approved in a UTC day.",
    comes_back="By itself when the next UTC day begins.",
    enabled=_enabled,
    level=_level,
)
