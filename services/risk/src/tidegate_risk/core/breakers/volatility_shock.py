"""A bar has moved further than the past explains."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from math import isqrt
from typing import TYPE_CHECKING

from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding, in_an_hour
from tidegate_risk.core.breakers.table import LATCHING
from tidegate_risk.core.refusals import number

if TYPE_CHECKING:
    from tidegate_risk.core.parameters import Limits

NAME = "volatility_shock"


def find(facts: Facts, listing: str, symbol: str) -> Finding | None:
    """Trip when the newest close is ``volatility_shock.sigmas`` standard moves from the last.

    The standard move is the root of the mean square of the moves before, at least
    ``volatility_shock.bars_min`` of them. Whole numbers, so the comparison is exact.
    """
    limits, recent = facts.limits.breakers.volatility_shock, facts.book.recent.get(listing)
    if recent is None or len(recent.closes) < limits.bars_min + 2:
        return None
    closes = recent.closes
    moves = [after - before for before, after in pairwise(closes)]
    newest, earlier = moves[-1], moves[:-1]
    squares = sum(move * move for move in earlier)
    if squares == 0 or newest * newest * len(earlier) < limits.sigmas**2 * squares:
        return None
    sigmas = Decimal(isqrt(10_000 * newest * newest * len(earlier) // squares)) / 100
    return Finding(
        breaker=NAME,
        member=symbol,
        reason=f"expected {symbol} to move by less than {limits.sigmas} standard moves of the last "
        f"{len(earlier)} bars, found {sigmas}",
        numbers=(
            number("sigmas", sigmas, "sigma"),
            number("limit_sigmas", limits.sigmas, "sigma"),
        ),
    )


def _calm(facts: Facts, symbol: str) -> bool:
    listings = [key for key in facts.book.recent if key.partition("|")[2] == symbol]
    return not any(find(facts, listing, symbol) for listing in listings)


def _enabled(limits: Limits) -> bool:
    return limits.breakers.volatility_shock.enabled


def _level(limits: Limits) -> int:
    return limits.breakers.volatility_shock.level


BREAKER = Breaker(
    name=NAME,
    kind="instrument",
    table=LATCHING,
    watches="When a strategy asks to open: the newest bar's move is `volatility_shock.sigmas` "
    "standard moves of the up to 120 bars before it, and there are at least "
    "`volatility_shock.bars_min`.",
    comes_back="The newest bar's move is within the limit again; looked at every hour.",
    enabled=_enabled,
    level=_level,
    looks_again=in_an_hour,
    over=_calm,
)
