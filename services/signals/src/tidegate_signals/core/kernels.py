"""The strategies over columns, compiled: one pass until a strategy would wish something.

Each kernel does, in the same order of operations and without fast math, what a strategy's
``update`` and its features do bar by bar, so every float is equal to its last bit; property tests
compare them. State goes in and out through arrays, whose places are written at each kernel. Rows
are the first, the one after the last, and whether the kernel ends before a bar that brings a wish.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Wholes = NDArray[np.int64]
    Reals = NDArray[np.float64]
    Rows = tuple[int, int, bool]

HIGH, LOW, CLOSE = 2, 3, 4
"""Columns of a frame."""
LONG, FLAT = 1, 2
"""The values of `Direction`."""


_ROWS = "Tuple((int64, int64, boolean))"
# The columns of a part of a frame need not be contiguous; everything else is.
_CROSS = f"int64(int64[::1], float64[::1], int64[:, :], {_ROWS})"
_CROSSINGS = f"int64(int64[::1], float64[::1], int64[:, :], {_ROWS}, int64[::1])"
_QUEUES = "int64[:, ::1], int64[::1], int64[:, ::1], int64[::1]"
_STATE = f"Tuple((int64[::1], float64[::1], {_QUEUES}))"
_BREAK_OUT = f"int64({_STATE}, int64[:, :], {_ROWS})"
_BREAK_OUTS = f"int64({_STATE}, int64[:, :], {_ROWS}, int64[::1])"


@njit(cache=True)
def _take_range(whole: Wholes, real: Reals, values: Wholes, row: int) -> None:
    """Do what `AverageTrueRange.update` does.

    ``whole``: length, count, total, close. ``real``: value.
    """
    length = whole[0]
    high, low, close = values[HIGH, row], values[LOW, row], values[CLOSE, row]
    if whole[1] > 0:
        high, low = max(high, whole[3]), min(low, whole[3])
    whole[3] = close
    whole[1] += 1
    if whole[1] > length:
        real[0] = (real[0] * (length - 1) + (high - low)) / length
    else:
        whole[2] += high - low
        real[0] = whole[2] / whole[1]


@njit(_CROSS, cache=True)
def cross(whole: Wholes, real: Reals, values: Wholes, rows: Rows) -> int:
    """Do what `EmaCrossover.update` does for ``rows``; return the row it ended at.

    ``whole``: the range's four (length 0: none is kept), warm bars, target below, count, was
    above, target. ``real``: the range's value, alpha of the fast average, of the slow one, fast
    average, slow average.
    """
    first, last, stops = rows
    has_range, closes = whole[0] > 0, values[CLOSE]
    warm, below = whole[4], whole[5]
    count, was_above, target = whole[6], whole[7], whole[8]
    fast_alpha, slow_alpha, fast, slow = real[1], real[2], real[3], real[4]
    row = first
    while row < last:
        close = closes[row]
        if count > 0:
            next_fast = fast + (close - fast) * fast_alpha
            next_slow = slow + (close - slow) * slow_alpha
        else:
            next_fast = next_slow = float(close)
        above = next_fast > next_slow
        if stops and count + 1 >= warm:
            if above and was_above == 0 and target != LONG:
                break
            if next_fast < next_slow and target != below:
                break
        fast, slow = next_fast, next_slow
        was_above = 1 if above else 0
        count += 1
        if has_range:
            _take_range(whole, real, values, row)
        row += 1
    whole[6], whole[7] = count, was_above
    real[3], real[4] = fast, slow
    return row


@njit(_CROSSINGS, cache=True)
def crossings(whole: Wholes, real: Reals, values: Wholes, rows: Rows, found: Wholes) -> int:
    """Do what `EmaCrossover.update` does for ``rows``; return how many of them bring a wish.

    The rows go into ``found``. State is that of `cross`.
    """
    row, last, _ = rows
    count = 0
    while row < last:
        row = cross(whole, real, values, (row, last, True))
        if row < last:
            found[count] = row
            count += 1
            cross(whole, real, values, (row, row + 1, False))
            whole[8] = LONG if whole[7] != 0 else whole[5]
            row += 1
    return count


@njit(cache=True)
def _push(queue: Wholes, marks: Wholes, value: int, sign: int) -> None:
    """Do what `RollingMaximum.update` does (``sign`` 1), or `RollingMinimum.update` (-1).

    ``queue``: the values, then the ages, in two rows. ``marks``: length, count, head, tail.
    """
    length, count, head, tail = marks[0], marks[1], marks[2], marks[3]
    while tail > head and sign * queue[0, tail - 1] <= sign * value:
        tail -= 1
    if tail == queue.shape[1]:
        queue[:, : tail - head] = queue[:, head:tail].copy()
        head, tail = 0, tail - head
    queue[0, tail], queue[1, tail] = value, count
    tail += 1
    if queue[1, head] <= count - length:
        head += 1
    marks[1], marks[2], marks[3] = count + 1, head, tail


@njit(_BREAK_OUT, cache=True)
def break_out(
    state: tuple[Wholes, Reals, Wholes, Wholes, Wholes, Wholes],
    values: Wholes,
    rows: Rows,
) -> int:
    """Do what `DonchianBreakout.update` does for ``rows``; return the row it ended at.

    ``state``: the range's four, then warm bars and target; the range's value; queue and marks of
    the upper and of the lower channel (`_push`).
    """
    whole, real, upper, upper_marks, lower, lower_marks = state
    first, last, stops = rows
    has_range, closes = whole[0] > 0, values[CLOSE]
    row = first
    while row < last:
        close = closes[row]
        if stops and upper_marks[1] >= whole[4]:
            if whole[5] == FLAT:
                if close > upper[0, upper_marks[2]]:
                    break
            elif close < lower[0, lower_marks[2]]:
                break
        _push(upper, upper_marks, values[HIGH, row], 1)
        _push(lower, lower_marks, values[LOW, row], -1)
        if has_range:
            _take_range(whole, real, values, row)
        row += 1
    return row


@njit(_BREAK_OUTS, cache=True)
def break_outs(
    state: tuple[Wholes, Reals, Wholes, Wholes, Wholes, Wholes],
    values: Wholes,
    rows: Rows,
    found: Wholes,
) -> int:
    """Do what `DonchianBreakout.update` does for ``rows``; return how many of them bring a wish.

    The rows go into ``found``. State is that of `break_out`.
    """
    whole = state[0]
    row, last, _ = rows
    count = 0
    while row < last:
        row = break_out(state, values, (row, last, True))
        if row < last:
            found[count] = row
            count += 1
            break_out(state, values, (row, row + 1, False))
            whole[5] = LONG if whole[5] == FLAT else FLAT
            row += 1
    return count
