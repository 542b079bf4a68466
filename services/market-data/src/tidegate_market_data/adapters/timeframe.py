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


def length_of(step_ns: int) -> int:
    """Return the length of bars whose smallest step is this."""
    return NS_PER_DAY if abs(step_ns - NS_PER_DAY) <= HOUR_NS else step_ns


def off_steps(steps_ns: NDArray[np.int64], timeframe_ns: int) -> NDArray[np.bool_]:
    """Tell which steps are no multiple of the timeframe."""
    slack = HOUR_NS if timeframe_ns % NS_PER_DAY == 0 else 0
    past = steps_ns % timeframe_ns
    off: NDArray[np.bool_] = np.minimum(past, timeframe_ns - past) > slack
    return off


def step_text(duration_ns: int) -> str:
    """Write a step for people."""
    try:
        return format_duration(duration_ns)
    except TimeError:
        return f"{duration_ns} ns"
