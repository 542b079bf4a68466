"""The length of a dataset's bars."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from tidegate_kernel.time import NS_PER_DAY, parse_duration
from tidegate_market_data.adapters.timeframe import (
    HOUR_NS,
    length_of,
    off_steps,
    step_text,
)

FIVE_MINUTES = parse_duration("5m")


@given(st.lists(st.integers(1, 5), min_size=1, max_size=30))
def test_multiples_of_the_smallest_step_are_on_the_grid(steps: list[int]) -> None:
    """Gaps of whole bars are no fault."""
    assert length_of(FIVE_MINUTES) == FIVE_MINUTES
    assert not off_steps(np.array([1, *steps]) * FIVE_MINUTES, FIVE_MINUTES).any()


def test_a_step_off_the_grid_is_found() -> None:
    """Seven minutes are no multiple of five."""
    steps = np.array([5, 5, 7, 5]) * (FIVE_MINUTES // 5)
    assert off_steps(steps, FIVE_MINUTES).tolist() == [False, False, True, False]


def test_local_midnights_are_daily_bars() -> None:
    """New York's bars step by 23 hours in March and by 25 in November."""
    steps = np.array([NS_PER_DAY, NS_PER_DAY - HOUR_NS, 3 * NS_PER_DAY + HOUR_NS])
    assert length_of(int(steps.min())) == NS_PER_DAY
    assert not off_steps(steps, NS_PER_DAY).any()
    assert off_steps(np.array([NS_PER_DAY + 2 * HOUR_NS]), NS_PER_DAY).all()


def test_a_step_is_written_for_people() -> None:
    """Even one that is no whole millisecond."""
    assert (step_text(FIVE_MINUTES), step_text(7)) == ("5m", "7 ns")
