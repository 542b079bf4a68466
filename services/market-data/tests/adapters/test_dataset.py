"""History out of a dataset."""

from __future__ import annotations

import numpy as np

from tidegate_contracts.frame import BARS_MADE_AT_ONCE
from tidegate_kernel.time import NS_PER_DAY
from tidegate_market_data.adapters.dataset import Dataset
from tidegate_market_data.testing import START_NS, instrument


def _dataset(days: int) -> Dataset:
    """Return bars of two symbols, whose open is the day's number plus 1."""
    starts = np.repeat(START_NS + np.arange(days) * NS_PER_DAY, 2)
    opens = np.repeat(np.arange(1, days + 1), 2)
    values = np.stack([starts, opens, opens, opens, opens, np.zeros(2 * days, np.int64)])
    instruments = (instrument("AAPL"), instrument("MSFT"))
    codes = np.tile(np.array([0, 1], np.int32), days)
    return Dataset("f", NS_PER_DAY, instruments, codes, values)


def test_history_is_a_symbols_bars_that_start_in_the_range() -> None:
    """From is included, to is not; the limit counts from the oldest."""
    dataset = _dataset(10)
    msft = dataset.instruments[1]
    from_ns, to_ns = START_NS + 2 * NS_PER_DAY, START_NS + 6 * NS_PER_DAY
    assert [bar.open for bar in dataset.history(msft, from_ns, to_ns, 100)] == [3, 4, 5, 6]
    assert [bar.open for bar in dataset.history(msft, from_ns, to_ns, 2)] == [3, 4]
    assert {bar.symbol for bar in dataset.history(msft, 0, to_ns, 100)} == {"MSFT"}
    assert dataset.history(msft, to_ns, from_ns, 100) == []


def test_a_batch_is_whole_across_chunks() -> None:
    """Bars are made in chunks; a chunk's edge tears no instant."""
    days = BARS_MADE_AT_ONCE // 2 + 3
    batches = list(_dataset(days).batches(START_NS + NS_PER_DAY))
    assert len(batches) == days - 1
    assert {len(batch.bars) for batch in batches} == {2}


def test_first_and_last_span_the_data() -> None:
    """From the first bar's start to the last one's end."""
    dataset = _dataset(3)
    assert (dataset.first_ns, dataset.last_ns) == (START_NS, START_NS + 3 * NS_PER_DAY)
    assert (dataset.bar_count, dataset.instant_count) == (6, 3)
