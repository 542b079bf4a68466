"""The two steps before a loss limit."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, strategies as st

from tidegate_alerts.core.rules.ladder import EARLY, FINE, LIMIT, Ladder

TEN = Ladder(limit_percent=Decimal(10))
PERCENTS = st.lists(st.decimals(0, 30, places=2))


def climbed(*values: str) -> list[int]:
    """Return the steps after each value."""
    steps, step = [], FINE
    for value in values:
        step = TEN.step(step, Decimal(value))
        steps.append(step)
    return steps


def test_the_early_warning_comes_at_a_part_of_the_limit() -> None:
    """80 % of a limit of 10 % is 8 %, exactly."""
    assert climbed("7.99", "8", "9.99", "10") == [FINE, EARLY, EARLY, LIMIT]


def test_a_fall_past_the_early_warning_goes_straight_to_the_limit() -> None:
    """A crash does not wait for the warning."""
    assert climbed("12") == [LIMIT]


def test_a_value_that_trembles_at_a_step_rings_once() -> None:
    """Steps hold until the value has fallen to nine tenths of the early warning."""
    assert climbed("10", "9.9", "10.1", "7.3", "7.2") == [LIMIT, LIMIT, LIMIT, LIMIT, FINE]


@given(PERCENTS)
def test_the_limit_is_never_missed(values: list[Decimal]) -> None:
    """At or above the limit the step is always the limit."""
    step = FINE
    for value in values:
        step = TEN.step(step, value)
        assert (step == LIMIT) or value < TEN.limit_percent
        assert step != FINE or value < TEN.early_at()
