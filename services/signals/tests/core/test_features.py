"""Incremental features against the same thing computed from the whole history."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, strategies as st

from tidegate_signals.core.features import (
    AverageTrueRange,
    ExponentialAverage,
    RollingMaximum,
    RollingMean,
    RollingMinimum,
)

VALUES = st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=60)
LENGTH = st.integers(1, 12)
BAR = st.tuples(st.integers(1, 10**6), st.integers(0, 10**4), st.integers(0, 10**4)).map(
    lambda t: (t[0] + t[1], t[0], t[0] + min(t[1], t[2]))
)


@given(VALUES, LENGTH)
def test_rolling_extremes_are_those_of_the_window(values: list[int], length: int) -> None:
    """After every value, whatever left the window."""
    largest, smallest = RollingMaximum(length), RollingMinimum(length)
    for end, value in enumerate(values, start=1):
        window = values[max(0, end - length) : end]
        assert largest.update(value) == largest.value == max(window)
        assert smallest.update(value) == smallest.value == min(window)
        assert largest.is_warm == smallest.is_warm == (end >= length)
        assert len(largest.values) <= length


@given(VALUES, LENGTH)
def test_mean_and_deviation_are_exact(values: list[int], length: int) -> None:
    """Integer sums do not drift: the numbers are the correctly rounded exact ones."""
    feature = RollingMean(length)
    for end, value in enumerate(values, start=1):
        feature.update(value)
        window = values[max(0, end - length) : end]
        assert feature.mean == float(Fraction(sum(window), len(window)))
        assert feature.deviation == pytest.approx(statistics.pstdev(window), rel=1e-12, abs=1e-9)
        assert feature.is_warm == (end >= length)


@given(VALUES, LENGTH)
def test_the_exponential_average_is_the_weighted_sum(values: list[int], length: int) -> None:
    """Alpha = 2 / (n + 1), the first value carries the rest of the weight."""
    feature = ExponentialAverage(length)
    for end, value in enumerate(values, start=1):
        found = feature.update(value)
        assert found == feature.value
        assert found == pytest.approx(float(_exponential(values[:end], length)), rel=1e-9, abs=1e-3)
        assert feature.is_warm == (end >= length)


def _exponential(values: Sequence[int], length: int) -> Fraction:
    alpha = Fraction(2, length + 1)
    last = len(values) - 1
    weighted = sum(
        (
            alpha * (1 - alpha) ** (last - place) * value
            for place, value in enumerate(values)
            if place
        ),
        Fraction(0),
    )
    return (1 - alpha) ** last * values[0] + weighted


@given(st.lists(BAR, min_size=1, max_size=60), LENGTH)
def test_the_average_true_range_is_wilders(bars: list[tuple[int, int, int]], length: int) -> None:
    """The mean of the first ranges, then smoothed; a gap to the last close counts."""
    feature = AverageTrueRange(length)
    ranges: list[int] = []
    for place, (high, low, close) in enumerate(bars):
        feature.update(high, low, close)
        before = bars[place - 1][2] if place else close
        ranges.append(max(high, before) - min(low, before))
        assert feature.value == pytest.approx(float(_wilder(ranges, length)), rel=1e-9)
        assert feature.is_warm == (place + 1 >= length)


def _wilder(ranges: list[int], length: int) -> Fraction:
    head = ranges[:length]
    average = Fraction(sum(head), len(head))
    for each in ranges[length:]:
        average = (average * (length - 1) + each) / length
    return average


@pytest.mark.parametrize("kind", [ExponentialAverage, RollingMean, RollingMaximum, RollingMinimum])
@given(values=VALUES, more=VALUES, length=LENGTH)
def test_a_restored_feature_goes_on_bit_for_bit(
    kind: type[ExponentialAverage], values: list[int], more: list[int], length: int
) -> None:
    """A snapshot is the fields, and equal fields give equal bytes."""
    whole = kind(length)
    for value in values:
        whole.update(value)
    restored = msgspec.msgpack.decode(msgspec.msgpack.encode(whole), type=kind)
    for value in more:
        whole.update(value)
        restored.update(value)
    assert msgspec.msgpack.encode(restored) == msgspec.msgpack.encode(whole)
