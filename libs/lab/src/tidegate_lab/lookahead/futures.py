"""Other futures of the same past: cut off after a moment, or changed from then on.

They are made from bars in memory; of longer data, from their beginning.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tidegate_contracts.frame import NO_GREEK
from tidegate_market_data.adapters.dataset import BAR_ROWS, Dataset

if TYPE_CHECKING:
    from tidegate_market_data.adapters.dataset import Bars

_PRICES = slice(1, 5)
_VOLUME = 5
_SCALE_MIN, _SCALE_MAX = 0.5, 1.5


def beginning(bars: Bars, count_max: int) -> Dataset:
    """Return at most so many of the first bars, in memory, and whole instants of them."""
    codes, values, count = [], [], 0
    for chunk in bars.chunks():
        codes.append(chunk.codes)
        values.append(chunk.values)
        count += len(chunk.codes)
        if count > count_max:
            break
    whole = Dataset(
        bars.feed,
        bars.timeframe_ns,
        bars.instruments,
        np.concatenate(codes),
        np.concatenate(values, axis=1),
        bars.warnings,
    )
    if whole.bar_count <= count_max:
        return whole
    # The first bar that is too many ends an instant that is not kept.
    return truncated(whole, int(whole.values[0, count_max]) + whole.timeframe_ns - 1)


def truncated(dataset: Dataset, cut_ns: int) -> Dataset:
    """Return the bars that are known at ``cut_ns``: those that end by then."""
    known = _known(dataset, cut_ns)
    return replace(dataset, codes=dataset.codes[:known], values=dataset.values[:, :known])


def changed(dataset: Dataset, cut_ns: int, seed: int) -> Dataset:
    """Return the bars with those that end after ``cut_ns`` scaled, each by a number of its own.

    A bar stays a bar: scaling keeps the order of its prices, and none falls below one step. What
    the files state of options is scaled too.
    """
    known = _known(dataset, cut_ns)
    scale = np.random.default_rng(seed).uniform(_SCALE_MIN, _SCALE_MAX, dataset.bar_count - known)
    values = dataset.values.copy()
    for row in (_PRICES, _VOLUME):
        values[row, known:] = np.maximum(np.rint(values[row, known:] * scale), 1).astype(np.int64)
    greeks = values[BAR_ROWS:, known:]
    stated = greeks != NO_GREEK
    greeks[stated] = np.rint(greeks * scale)[stated].astype(np.int64)
    return replace(dataset, values=values)


def _known(dataset: Dataset, cut_ns: int) -> int:
    starts = dataset.values[0]
    return int(np.searchsorted(starts, cut_ns - dataset.timeframe_ns, side="right"))
