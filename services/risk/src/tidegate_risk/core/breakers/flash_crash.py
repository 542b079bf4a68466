"""A price has moved very far within a short time."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding, in_an_hour
from tidegate_risk.core.breakers.table import LATCHING
from tidegate_risk.core.refusals import number

if TYPE_CHECKING:
    from tidegate_risk.core.book.recent import Recent
    from tidegate_risk.core.breakers.bands import Band
    from tidegate_risk.core.breakers.limits import FlashCrash
    from tidegate_risk.core.parameters import Limits

NAME = "flash_crash"


def closes_in_window(recent: Recent, limits: FlashCrash) -> list[int]:
    """Return the newest close, the one before the window, and those between; oldest first.

    The window is counted in bars. A bar that is longer than it cannot show how fast it was, so
    that nothing is returned.
    """
    bars = limits.window_ns // recent.timeframe_ns if recent.timeframe_ns else 0
    return recent.closes[-bars - 1 :] if bars else []


def find(facts: Facts, listing: str, symbol: str) -> Finding | None:
    """Trip when the newest close is ``flash_crash.percent`` or more away from one of the window.

    Away from its highest when it has fallen, from its lowest when it has risen.
    """
    limits, recent = facts.limits.breakers.flash_crash, facts.book.recent.get(listing)
    closes = closes_in_window(recent, limits) if recent is not None else []
    if not closes:
        return None
    newest, highest, lowest = closes[-1], max(closes), min(closes)
    fell = 100 * (highest - newest) >= limits.percent * highest
    rose = 100 * (newest - lowest) >= limits.percent * lowest
    if not fell and not rose:
        return None
    extreme = highest if fell else lowest
    moved = Decimal(100 * (newest - extreme)) / extreme if extreme else Decimal(100)
    return Finding(
        breaker=NAME,
        member=symbol,
        reason=f"expected {symbol} to move by less than {limits.percent} % within {len(closes) - 1}"
        f" bars, found {round(moved, 2)} %",
        numbers=(
            number("move", round(moved, 4), "percent"),
            number("limit_flash_crash", limits.percent, "percent"),
        ),
    )


def band(limits: FlashCrash, recent: Recent) -> Band:
    """Return a band of closes inside of which no pair of a window can be too far apart.

    Half of the limit on either side of the newest close, so that two closes inside are never the
    whole of it apart; and nearer where a close of the window is further away already.
    """
    closes = closes_in_window(recent, limits)
    if not closes:
        return UNBOUNDED
    share, newest = limits.percent / 100, closes[-1]
    width = share / (2 + share)
    low = max(newest * (1 - width), max(closes) * (1 - share))
    high = min(newest * (1 + width), min(closes) * (1 + share))
    return (
        int(low.to_integral_value(ROUND_CEILING)),
        int(high.to_integral_value(ROUND_FLOOR)),
    )


UNBOUNDED = (-(2**62), 2**62)


def _calm(facts: Facts, symbol: str) -> bool:
    listings = [key for key in facts.book.recent if key.partition("|")[2] == symbol]
    return not any(find(facts, listing, symbol) for listing in listings)


def _enabled(limits: Limits) -> bool:
    return limits.breakers.flash_crash.enabled


def _level(limits: Limits) -> int:
    return limits.breakers.flash_crash.level


BREAKER = Breaker(
    name=NAME,
    kind="instrument",
    table=LATCHING,
    watches="The newest close is `flash_crash.percent` or more below the highest or above the "
    "lowest close of the last `flash_crash.window_s`. Looked at at every bar of a symbol that is "
    "held, and whenever a strategy asks for one; bars longer than the window show nothing.",
    comes_back="Prices of the window lie within the limit again; looked at every hour.",
    enabled=_enabled,
    level=_level,
    looks_again=in_an_hour,
    over=_calm,
)
