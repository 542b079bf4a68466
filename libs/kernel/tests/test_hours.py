"""Which interval holds a moment, and when the next one begins."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st

from tidegate_contracts.market import OpenInterval
from tidegate_kernel.hours import first_overlapping, interval_at, next_opening_ns


@settings(max_examples=60)
@given(st.lists(st.integers(1, 60), unique=True, max_size=8), st.integers(0, 61))
def test_an_interval_holds_its_first_moment_and_not_its_last(bounds: list[int], at_ns: int) -> None:
    """Beside a look at every one of them."""
    ordered = sorted(bounds)
    pairs = list(zip(ordered[::2], ordered[1::2], strict=False))
    intervals = [OpenInterval(opens_at_ns=opens, closes_at_ns=closes) for opens, closes in pairs]
    held = [each for each in intervals if each.opens_at_ns <= at_ns < each.closes_at_ns]
    assert interval_at(intervals, at_ns) == (held[0] if held else None)
    later = [each.opens_at_ns for each in intervals if each.opens_at_ns > at_ns]
    assert next_opening_ns(intervals, at_ns) == min(later, default=0)
    both = [
        each for each in intervals if each.opens_at_ns < at_ns + 5 and each.closes_at_ns > at_ns
    ]
    assert first_overlapping(intervals, at_ns, at_ns + 5) == (both[0] if both else None)
