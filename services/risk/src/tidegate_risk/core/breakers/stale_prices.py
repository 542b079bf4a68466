"""A symbol that is held is silent while its venue goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding, in_an_hour
from tidegate_risk.core.breakers.table import LATCHING
from tidegate_risk.core.refusals import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_contracts.market import Bar
    from tidegate_risk.core.book.book import Book
    from tidegate_risk.core.parameters import Limits

NAME = "stale_prices"


def find(facts: Facts) -> Iterator[Finding]:
    """Trip for each held symbol whose newest bar is ``stale_prices.bars_max`` bars behind.

    Behind the newest bar of its venue, in lengths of its own bar: a venue that is closed is behind
    nothing, and a feed that is silent altogether makes every signal's price stale.
    """
    most = facts.limits.breakers.stale_prices.most
    for listing in facts.book.holdings.positions:
        bar = facts.book.market.bars.get(listing)
        if bar is None:
            continue
        behind = _bars_behind(facts.book, bar)
        if behind >= most:
            yield Finding(
                breaker=NAME,
                member=bar.symbol,
                reason=f"expected {bar.symbol}, which is held, fewer than {most} bars behind "
                f"{bar.venue}, found {behind}",
                numbers=(number("bars_behind", behind, "bars"), number("limit", most, "bars")),
            )


def _bars_behind(book: Book, bar: Bar) -> int:
    bars = book.market.bars.values()
    newest_ns = max(each.end_ns for each in bars if each.venue == bar.venue)
    return (newest_ns - bar.end_ns) // bar.timeframe_ns


def _speaks_again(facts: Facts, symbol: str) -> bool:
    most = facts.limits.breakers.stale_prices.most
    bars = [bar for bar in facts.book.market.bars.values() if bar.symbol == symbol]
    return all(_bars_behind(facts.book, bar) < most for bar in bars)


def _enabled(limits: Limits) -> bool:
    return limits.breakers.stale_prices.enabled


def _level(limits: Limits) -> int:
    return limits.breakers.stale_prices.level


BREAKER = Breaker(
    name=NAME,
    kind="instrument",
    table=LATCHING,
    watches="When the account is told: the newest bar of a held symbol is `stale_prices.bars_max` "
    "of its bars behind the newest of its venue.",
    comes_back="The symbol has caught up; looked at every hour.",
    enabled=_enabled,
    level=_level,
    looks_again=in_an_hour,
    over=_speaks_again,
)
