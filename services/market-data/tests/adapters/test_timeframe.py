"""The length of a dataset's bars."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from tidegate_kernel.time import NS_PER_DAY, parse_duration
from tidegate_market_data.adapters.timeframe import (
    HOUR_NS,
    first_off_step,
    smallest_step,
    step_text,
)

FIVE_MINUTES = parse_duration("5m")


@given(st.lists(st.integers(1, 5), min_size=1, max_size=30))
def test_multiples_of_the_smallest_step_are_on_the_grid(steps: list[int]) -> None:
    """Gaps of whole bars are no fault."""
    starts = np.cumsum([0, 1, *steps]) * FIVE_MINUTES
    assert smallest_step(starts) == FIVE_MINUTES
    assert first_off_step(starts, FIVE_MINUTES) is None


def test_a_step_off_the_grid_is_found() -> None:
    """The place is that of the bar after the step."""
    starts = np.array([0, 5, 10, 17, 22]) * (FIVE_MINUTES // 5)
    assert first_off_step(starts, FIVE_MINUTES) == 3


def test_a_single_bar_has_no_step() -> None:
    """It takes the other symbols' timeframe."""
    assert smallest_step(np.array([5])) is None


def test_local_midnights_are_daily_bars() -> None:
    """New York's bars step by 23 hours in March and by 25 in November."""
    starts = np.cumsum([0, NS_PER_DAY, NS_PER_DAY - HOUR_NS, 3 * NS_PER_DAY + HOUR_NS])
    assert smallest_step(starts) == NS_PER_DAY
    assert first_off_step(starts, NS_PER_DAY) is None
    assert first_off_step(np.array([0, NS_PER_DAY + 2 * HOUR_NS]), NS_PER_DAY) == 1


def test_a_step_is_written_for_people() -> None:
    """Even one that is no whole millisecond."""
    assert (step_text(FIVE_MINUTES), step_text(7)) == ("5m", "7 ns")
