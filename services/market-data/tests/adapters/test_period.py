"""A part of the bars."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tidegate_kernel.time import NS_PER_DAY
from tidegate_market_data.adapters.dataset import Dataset
from tidegate_market_data.adapters.period import Period
from tidegate_market_data.errors import DataError
from tidegate_market_data.testing import START_NS, instrument

DAYS = 10


def _dataset() -> Dataset:
    """Return daily bars of two symbols, whose open is the day's number plus 1."""
    starts = np.repeat(START_NS + np.arange(DAYS) * NS_PER_DAY, 2)
    opens = np.repeat(np.arange(1, DAYS + 1), 2)
    values = np.stack([starts, opens, opens, opens, opens, np.zeros(2 * DAYS, np.int64)])
    codes = np.tile(np.array([0, 1], np.int32), DAYS)
    return Dataset("f", NS_PER_DAY, (instrument("AAPL"), instrument("MSFT")), codes, values)


def test_a_period_holds_the_bars_that_start_in_it() -> None:
    """The first moment is in, the last is not, and an end that is not given bounds nothing."""
    dataset = _dataset()
    since_ns, until_ns = START_NS + 2 * NS_PER_DAY, START_NS + 5 * NS_PER_DAY
    part = Period(dataset, since_ns, until_ns)
    assert (part.first_ns, part.last_ns, part.bar_count) == (since_ns, until_ns, 6)
    assert (part.instruments, part.instant_count) == (dataset.instruments, 3)
    assert Period(dataset, None, until_ns).bar_count == 10
    assert Period(dataset, since_ns, None).bar_count == 16
    assert Period(dataset, since_ns + 1, None).bar_count == 14


@given(
    since=st.integers(-1, DAYS - 1), length=st.integers(1, DAYS + 1), after=st.integers(0, DAYS + 1)
)
def test_batches_are_those_of_all_bars_that_lie_in_it(since: int, length: int, after: int) -> None:
    """Whatever the period and wherever the reading goes on."""
    dataset = _dataset()
    since_ns = START_NS + since * NS_PER_DAY
    until_ns = START_NS + max(since + length, 1) * NS_PER_DAY
    after_ns = START_NS + after * NS_PER_DAY
    part = Period(dataset, since_ns, until_ns)
    assert list(part.batches(after_ns)) == [
        batch
        for batch in dataset.batches(after_ns)
        if since_ns <= batch.instant_ns - NS_PER_DAY < until_ns
    ]


def test_history_stays_inside() -> None:
    """A question for more gets what the period holds."""
    dataset = _dataset()
    part = Period(dataset, START_NS + 2 * NS_PER_DAY, START_NS + 5 * NS_PER_DAY)
    bars = part.history(part.instruments[0], 0, START_NS + DAYS * NS_PER_DAY, 100)
    assert [bar.open for bar in bars] == [3, 4, 5]


def test_a_period_without_bars_is_refused() -> None:
    """The message names the period that the data have."""
    with pytest.raises(DataError, match=r"2024-01-10T00:00:00Z.*choose a period"):
        Period(_dataset(), START_NS + DAYS * NS_PER_DAY, None)
