"""The spread of a symbol has blown out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding, in_an_hour
from tidegate_risk.core.breakers.table import LATCHING
from tidegate_risk.core.refusals import number

if TYPE_CHECKING:
    from tidegate_contracts.market import Quote
    from tidegate_risk.core.parameters import Limits

NAME = "spread"


def find(facts: Facts, quote: Quote) -> Finding | None:
    """Trip when ask less bid is ``spread.percent`` or more of their middle, or they cross."""
    bid, ask = quote.bid_price, quote.ask_price
    limit = facts.limits.breakers.spread.percent
    if bid > 0 and ask >= bid and 200 * (ask - bid) < limit * (ask + bid):
        return None
    middle = Decimal(ask + bid)
    percent = 200 * (ask - bid) / middle if middle > 0 else Decimal(100)
    return Finding(
        breaker=NAME,
        member=quote.symbol,
        reason=f"expected the spread of {quote.symbol} below {limit} % of its middle, found bid "
        f"{bid} and ask {ask} in its own units",
        numbers=(
            number("spread", round(percent, 4), "percent"),
            number("limit_spread", limit, "percent"),
        ),
    )


def _enabled(limits: Limits) -> bool:
    return limits.breakers.spread.enabled


def _level(limits: Limits) -> int:
    return limits.breakers.spread.level


BREAKER = Breaker(
    name=NAME,
    kind="instrument",
    table=LATCHING,
    watches="Ask less bid is `spread.percent` or more of their middle, or they cross. It arms when "
    "a feed publishes quotes; none does yet, and a bar's range is no spread.",
    comes_back="An hour has passed.",
    enabled=_enabled,
    level=_level,
    looks_again=in_an_hour,
)
