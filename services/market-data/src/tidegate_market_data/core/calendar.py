"""When a bar was to be expected: the rule that tells a gap from a closed market.

Crypto trades always, so the next bar is due one timeframe after the last one started. Equities
and options close: a bar of another UTC day, at most five days later, is no gap (weekends and
holidays; the longest regular closure, Thursday to Tuesday, is five days). Within one UTC day
they are held to the timeframe. A single missing day of an equity is therefore not seen as a gap;
a closure longer than five days (September 2001) is marked as one.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from tidegate_contracts.market import AssetClass
from tidegate_kernel.time import NS_PER_DAY, day_of

CLOSED_MAX_NS = 5 * NS_PER_DAY
"""The longest step of an equity's bars that counts as a weekend or a holiday."""

_CLOSING = frozenset({AssetClass.EQUITY, AssetClass.OPTION})

Times: TypeAlias = Any
"""A time in ns, or a column of them: the rule is written once for both."""


def may_close(asset_class: AssetClass) -> bool:
    """Tell whether the market of an instrument closes at all."""
    return asset_class in _CLOSING


def is_gap(closes: Times, timeframe_ns: int, previous_start_ns: Times, start_ns: Times) -> Times:
    """Tell whether an expected bar is missing between two bars of one symbol.

    ``closes`` says whether its market closes (`may_close`).
    """
    step_ns = start_ns - previous_start_ns
    another_day = day_of(start_ns) != day_of(previous_start_ns)
    is_closure = closes & another_day & (step_ns <= CLOSED_MAX_NS)
    return (step_ns > timeframe_ns) & (is_closure ^ True)
