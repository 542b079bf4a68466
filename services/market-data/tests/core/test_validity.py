"""The rules that a bar must meet."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from tidegate_kernel.time import NS_PER_DAY
from tidegate_market_data.core.validity import (
    Rejection,
    rejection_of_times,
    rejection_of_values,
)
from tidegate_market_data.testing import bar

PRICE = st.integers(-3, 12)


@given(PRICE, PRICE, PRICE, PRICE, st.integers(-2, 5))
def test_a_bar_is_believed_exactly_when_its_range_holds_its_prices(
    opened: int, high: int, low: int, close: int, volume: int
) -> None:
    """The judgement agrees with the definition, whatever the numbers."""
    judged = bar(0, open=opened, high=high, low=low, close=close, volume=volume)
    holds = 0 < low <= min(opened, close) and max(opened, close) <= high and volume >= 0
    assert (rejection_of_values(judged) is None) == holds


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"low": 0}, Rejection.LOW_NOT_POSITIVE),
        ({"high": 100_50}, Rejection.HIGH_BELOW_PRICES),
        ({"open": 103_00}, Rejection.HIGH_BELOW_PRICES),
        ({"low": 100_50}, Rejection.LOW_ABOVE_PRICES),
        ({"close": 98_00}, Rejection.LOW_ABOVE_PRICES),
        ({"volume": -1}, Rejection.VOLUME_NEGATIVE),
    ],
)
def test_a_rejection_names_the_rule(changes: dict[str, Any], reason: Rejection) -> None:
    """People see which rule a bar broke."""
    assert rejection_of_values(bar(0, **changes)) is reason


def test_a_bar_ends_one_timeframe_after_its_start_at_the_instant() -> None:
    """A bar of another length, or known at another time, is refused."""
    good = bar(0)
    assert rejection_of_times(good, NS_PER_DAY, good.end_ns) is None
    assert rejection_of_times(good, 60, good.end_ns) is Rejection.WRONG_TIMEFRAME
    assert rejection_of_times(good, NS_PER_DAY, good.end_ns + 1) is Rejection.NOT_AT_INSTANT
    late = bar(0, end_ns=good.end_ns + 1)
    assert rejection_of_times(late, NS_PER_DAY, late.end_ns) is Rejection.WRONG_END
