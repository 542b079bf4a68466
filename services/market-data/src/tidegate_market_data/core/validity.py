"""The rules that a bar must meet before anybody may trade on it.

1. It belongs to the feed, to a declared instrument, and has the feed's timeframe.
2. It ends one timeframe after its start, and at the instant that its batch names.
3. low > 0; high >= open, close and low; low <= open and close; volume >= 0.
4. It starts after the last bar of its symbol; the same bar again is a repeat, not a fault.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from tidegate_contracts.market import Bar

Values: TypeAlias = Any
"""One bar's integer, or a column of them: the rules are written once for both."""


class Rejection(StrEnum):
    """Why a bar is not published. The value is the code that a feed's status counts."""

    FOREIGN_FEED = "foreign_feed"
    UNKNOWN_INSTRUMENT = "unknown_instrument"
    WRONG_TIMEFRAME = "wrong_timeframe"
    WRONG_END = "wrong_end"
    NOT_AT_INSTANT = "not_at_instant"
    LOW_NOT_POSITIVE = "low_not_positive"
    HIGH_BELOW_PRICES = "high_below_prices"
    LOW_ABOVE_PRICES = "low_above_prices"
    VOLUME_NEGATIVE = "volume_negative"
    NOT_AFTER_LAST = "not_after_last"


def value_rules(
    opened: Values, high: Values, low: Values, close: Values, volume: Values
) -> tuple[tuple[Rejection, Values], ...]:
    """Return rule 3: each rejection, and whether it is deserved; for one bar or for columns."""
    return (
        (Rejection.LOW_NOT_POSITIVE, low <= 0),
        (Rejection.HIGH_BELOW_PRICES, (high < opened) | (high < close) | (high < low)),
        (Rejection.LOW_ABOVE_PRICES, (low > opened) | (low > close)),
        (Rejection.VOLUME_NEGATIVE, volume < 0),
    )


def rejection_of_values(bar: Bar) -> Rejection | None:
    """Judge a bar's prices and volume by themselves (rule 3)."""
    rules = value_rules(bar.open, bar.high, bar.low, bar.close, bar.volume)
    return next((rejection for rejection, deserved in rules if deserved), None)


def rejection_of_times(bar: Bar, timeframe_ns: int, instant_ns: int) -> Rejection | None:
    """Judge a bar's timeframe, start and end (rules 1 and 2)."""
    if bar.timeframe_ns != timeframe_ns:
        return Rejection.WRONG_TIMEFRAME
    if bar.end_ns != bar.start_ns + timeframe_ns:
        return Rejection.WRONG_END
    return Rejection.NOT_AT_INSTANT if bar.end_ns != instant_ns else None
