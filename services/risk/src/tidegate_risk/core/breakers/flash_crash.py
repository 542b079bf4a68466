"""A symbol has fallen or risen very far within a few bars."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding, in_an_hour
from tidegate_risk.core.breakers.table import LATCHING
from tidegate_risk.core.refusals import number, shown

if TYPE_CHECKING:
    from tidegate_risk.core.parameters import Limits

NAME = "flash_crash"
_PERCENT = Decimal("0.01")


def find(facts: Facts, listing: str) -> Finding | None:
    """Trip when the newest close is ``flash_crash.percent`` or more away from a recent one.

    Compared with the highest and the lowest of the ``flash_crash.bars`` closes before it.
    """
    limits, recent = facts.limits.breakers.flash_crash, facts.book.recent.get(listing)
    if recent is None or not recent.ranges:
        return None
    newest, before = recent.closes[-1], recent.closes[-1 - limits.bars : -1]
    rises = 100 * newest >= (100 + limits.percent) * min(before)
    falls = 100 * newest <= (100 - limits.percent) * max(before)
    if not (rises or falls):
        return None
    moved = max((_move(close, newest) for close in before), key=abs)
    if abs(moved) < limits.percent:
        return None
    symbol = listing.partition("|")[2]
    return Finding(
        breaker=NAME,
        member=symbol,
        reason=f"expected {symbol} to move less than {limits.percent} % within {limits.bars} bars, "
        f"found {shown(moved.quantize(_PERCENT), '%')}",
        numbers=(
            number("moved", moved.quantize(_PERCENT), "percent"),
            number("limit_flash_crash", limits.percent, "percent"),
            number("bars", limits.bars, "bars"),
        ),
    )


def _move(before: int, now: int) -> Decimal:
    return 100 * (Decimal(now) / before - 1) if before else Decimal(0)


def _has_settled(facts: Facts, symbol: str) -> bool:
    listings = [each for each in facts.book.recent if each.partition("|")[2] == symbol]
    return all(find(facts, each) is None for each in listings)


def _enabled(limits: Limits) -> bool:
    return limits.breakers.flash_crash.enabled


def _level(limits: Limits) -> int:
    return limits.breakers.flash_crash.level


BREAKER = Breaker(
    name=NAME,
    kind="instrument",
    table=LATCHING,
    watches="When a strategy asks for a symbol: its newest close is `flash_crash.percent` or more "
    "above or below one of the `flash_crash.bars` closes before it.",
    comes_back="So many bars have closed without such a move; looked at every hour.",
    enabled=_enabled,
    level=_level,
    looks_again=in_an_hour,
    over=_has_settled,
)
