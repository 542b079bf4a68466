"""A symbol moves many times as much as it used to."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding, in_an_hour
from tidegate_risk.core.breakers.table import LATCHING
from tidegate_risk.core.refusals import number

if TYPE_CHECKING:
    from tidegate_risk.core.parameters import Limits

NAME = "volatility_shock"
RANGES_MIN = 30
"""So many earlier true ranges say what a symbol used to do; with fewer it is not known."""
_PLACES = Decimal("0.01")


def find(facts: Facts, listing: str) -> Finding | None:
    """Trip when the newest true range is ``volatility_shock.multiple`` times the mean or more.

    The mean is of the ranges before it, as many as are kept. A range below
    ``volatility_shock.range_min_percent`` of the close before it is none, however still it was;
    and a past that did not move at all says nothing.
    """
    limits, recent = facts.limits.breakers.volatility_shock, facts.book.recent.get(listing)
    if recent is None or len(recent.ranges) <= RANGES_MIN:
        return None
    if 100 * recent.ranges[-1] < limits.range_min_percent * recent.closes[-2]:
        return None
    earlier = recent.ranges[:-1]
    usual = sum(earlier)
    if not usual:
        return None
    times = Decimal(recent.ranges[-1] * len(earlier)) / usual
    if times < limits.multiple:
        return None
    symbol, found = listing.partition("|")[2], times.quantize(_PLACES)
    return Finding(
        breaker=NAME,
        member=symbol,
        reason=f"expected a true range of {symbol} below {limits.multiple} times the mean of the "
        f"{len(earlier)} before it, or below {limits.range_min_percent} % of the close before, "
        f"found {found} times",
        numbers=(
            number("times", found, "times"),
            number("limit_volatility_shock", limits.multiple, "times"),
        ),
    )


def _has_settled(facts: Facts, symbol: str) -> bool:
    listings = [each for each in facts.book.recent if each.partition("|")[2] == symbol]
    return all(find(facts, each) is None for each in listings)


def _enabled(limits: Limits) -> bool:
    return limits.breakers.volatility_shock.enabled


def _level(limits: Limits) -> int:
    return limits.breakers.volatility_shock.level


BREAKER = Breaker(
    name=NAME,
    kind="instrument",
    table=LATCHING,
    watches="When a strategy asks for a symbol: the true range of its newest bar is "
    "`volatility_shock.multiple` times the mean of those before it, or more, and at least "
    "`volatility_shock.range_min_percent` of the close before it.",
    comes_back="The newest bar is no longer such a bar; looked at every hour.",
    enabled=_enabled,
    level=_level,
    looks_again=in_an_hour,
    over=_has_settled,
)
