"""The length of a dataset's bars: the smallest step, checked for each symbol.

Daily bars whose start is a local midnight step by 23 or 25 hours when the clocks change; they are
daily all the same, so a smallest step of 23 to 25 hours is a day, and steps of whole days may be
off by an hour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tidegate_kernel.errors import TimeError
from tidegate_kernel.time import NS_PER_DAY, format_duration

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOUR_NS = NS_PER_DAY // 24


def smallest_step(starts_ns: NDArray[np.int64]) -> int | None:
    """Return the smallest step of one symbol's sorted starts; None for a single bar."""
    if len(starts_ns) < 2:  # noqa: PLR2004 - a step needs two bars
        return None
    step = int(np.diff(starts_ns).min())
    return NS_PER_DAY if abs(step - NS_PER_DAY) <= HOUR_NS else step


def first_off_step(starts_ns: NDArray[np.int64], timeframe_ns: int) -> int | None:
    """Return the place of the first start that is no multiple of the timeframe after the last."""
    slack = HOUR_NS if timeframe_ns % NS_PER_DAY == 0 else 0
    past = np.diff(starts_ns) % timeframe_ns
    off = np.flatnonzero(np.minimum(past, timeframe_ns - past) > slack)
    return int(off[0]) + 1 if len(off) else None


def step_text(duration_ns: int) -> str:
    """Write a step for people."""
    try:
        return format_duration(duration_ns)
    except TimeError:
        return f"{duration_ns} ns"
