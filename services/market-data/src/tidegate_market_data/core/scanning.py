"""The rules of `validity` and `calendar` over columns: where is the first bar that is no plain one?

A plain bar is valid, is not its instrument's first, comes after the last one of its instrument,
follows it without a gap, and its instrument is not described again: it is published just as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tidegate_market_data.core.calendar import is_gap, may_close
from tidegate_market_data.core.validity import value_rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate_contracts.frame import Frame

_ROWS_FIRST = 64
_ROWS_MAX = 65_536


def first_exception(
    frame: Frame,
    first: int,
    last: int,
    last_starts: NDArray[np.int64],
    retold: NDArray[np.bool_],
) -> int:
    """Return the first row, from ``first`` to before ``last``, that is no plain bar; else ``last``.

    ``last_starts`` holds the start of each instrument's last bar before ``first``, -1 where there
    was none; it is used up. ``retold`` tells which instruments may be described again. What a bar
    is depends on the one before it, so whoever stops at a row begins anew behind it: few rows are
    looked at first, then more and more.
    """
    width = _ROWS_FIRST
    while first < last:
        end = min(first + width, last)
        rows = slice(first, end)
        wrong = _exceptions(frame, rows, last_starts) | retold[frame.codes[rows]]
        if wrong.any():
            return first + int(wrong.argmax())
        last_starts[frame.codes[first:end]] = frame.values[0, first:end]
        first, width = end, min(width * 2, _ROWS_MAX)
    return last


def _exceptions(frame: Frame, rows: slice, last_starts: NDArray[np.int64]) -> NDArray[np.bool_]:
    codes = frame.codes[rows]
    starts, *values = frame.values[:, rows]
    previous = _previous_starts(codes, starts, last_starts)
    closes = np.array([may_close(each.asset_class) for each in frame.instruments])[codes]
    wrong: NDArray[np.bool_] = (previous < 0) | (starts <= previous)
    wrong |= is_gap(closes, frame.timeframe_ns, previous, starts)
    for _, deserved in value_rules(*values):
        wrong |= deserved
    return wrong


def _previous_starts(
    codes: NDArray[np.int32], starts: NDArray[np.int64], last_starts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the start of the bar before each bar of the same instrument."""
    order = np.argsort(codes, kind="stable")
    by_code, sorted_starts = codes[order], starts[order]
    previous = np.empty_like(starts)
    begins = np.concatenate(([True], by_code[1:] != by_code[:-1]))
    shifted = np.concatenate((starts[:1], sorted_starts[:-1]))
    previous[order] = np.where(begins, last_starts[by_code], shifted)
    return previous
