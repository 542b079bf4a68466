"""A fill is far from the price that risk knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding, in_an_hour
from tidegate_risk.core.breakers.table import LATCHING
from tidegate_risk.core.refusals import number, shown

if TYPE_CHECKING:
    from tidegate_contracts.execution import Fill
    from tidegate_risk.core.parameters import Limits

NAME = "price_divergence"


def find(facts: Facts, fill: Fill, listing: str) -> Finding | None:
    """Trip when a fill is ``price_divergence.percent`` or more away from its newest close."""
    price = facts.book.market.price_of(listing)
    if not price:
        return None
    percent, unit = facts.limits.breakers.price_divergence.percent, facts.currency
    away = 100 * abs(fill.price - price) / price
    if away < percent:
        return None
    return Finding(
        breaker=NAME,
        member=fill.symbol,
        reason=f"expected fills of {fill.symbol} within {percent} % of {shown(price, unit)}, found "
        f"one at {shown(fill.price, unit)}",
        numbers=(
            number("fill_price", fill.price, unit),
            number("price", price, unit),
            number("limit_price_divergence", percent, "percent"),
        ),
    )


def _enabled(limits: Limits) -> bool:
    return limits.breakers.price_divergence.enabled


def _level(limits: Limits) -> int:
    return limits.breakers.price_divergence.level


BREAKER = Breaker(
    name=NAME,
    kind="instrument",
    table=LATCHING,
    watches="A fill is `price_divergence.percent` or more away from the newest close: feed and "
    "venue do not tell of the same market.",
    comes_back="An hour has passed.",
    enabled=_enabled,
    level=_level,
    looks_again=in_an_hour,
)
