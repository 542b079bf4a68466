"""Tails of a profit, against independent computations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import norm, t

from tidegate_risk.core.portfolio.tails import (
    DEGREES,
    LEVELS,
    Tail,
    decisive,
    historical,
    parametric,
    scaled,
    student,
    worse,
)


@pytest.mark.parametrize("percent", [95, 99])
def test_the_levels_figures_are_the_normal_distributions(percent: int) -> None:
    """The quantile, and the density there over the tail's weight."""
    level = LEVELS[percent]
    tail = 1 - percent / 100
    assert level.tail_bps == round(10_000 * tail)
    assert math.isclose(level.quantile, norm.ppf(1 - tail), rel_tol=1e-12)
    assert math.isclose(level.shortfall, norm.pdf(norm.ppf(tail)) / tail, rel_tol=1e-12)
    assert parametric(2.0, level) == Tail(2 * level.quantile, 2 * level.shortfall)


@pytest.mark.parametrize("percent", [95, 99])
def test_students_figures_have_a_variance_of_one(percent: int) -> None:
    """Quantile and mean beyond it, of the distribution that is drawn from."""
    narrowed, tail = math.sqrt((DEGREES - 2) / DEGREES), 1 - percent / 100
    quantile = t.ppf(1 - tail, DEGREES)
    beyond = t.expect(lambda x: x, (DEGREES,), lb=quantile) / tail
    found = student(2.0, LEVELS[percent])
    assert found.value_at_risk == pytest.approx(2 * narrowed * quantile)
    assert found.shortfall == pytest.approx(2 * narrowed * beyond)


@pytest.mark.parametrize("percent", [95, 99])
def test_each_method_decides_when_it_is_the_worst(percent: int) -> None:
    """The normal one at 95 %, Student's at 99 %, and history where it was worse than both."""
    level, calm = LEVELS[percent], np.full(100, 1e-9)
    assumed = parametric(1.0, level), student(1.0, level)
    assert decisive(calm, 1.0, level) == worse(*assumed)
    assert (assumed[0].value_at_risk > assumed[1].value_at_risk) is (percent == 95)
    crashed = np.full(100, -9.0)
    assert decisive(crashed, 1.0, level) == pytest.approx((9.0, 9.0))


def test_a_tail_that_holds_whole_observations_is_their_mean() -> None:
    """Of 100 profits, the worst five average to CVaR at 95 %, and the fifth is VaR."""
    profits = np.random.default_rng(1).permutation(np.arange(-50.0, 50.0))
    assert historical(profits, LEVELS[95]) == Tail(46.0, 48.0)
    assert historical(profits, LEVELS[99]) == Tail(50.0, 50.0)


def test_a_tail_weighs_its_last_observation_with_what_is_left() -> None:
    """Of 130 profits, 6.5 are in the tail at 95 %: six whole ones, and half of the seventh."""
    profits = np.arange(-65.0, 65.0)
    assert historical(profits, LEVELS[95]) == Tail(59.0, (65 + 64 + 63 + 62 + 61 + 60 + 29.5) / 6.5)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200), st.sampled_from([95, 99]))
def test_the_mean_beyond_a_loss_is_never_below_it(profits: list[float], percent: int) -> None:
    """CVaR is at least VaR, and neither is negative."""
    tail = historical(np.array(profits), LEVELS[percent])
    assert tail.value_at_risk >= 0
    assert tail.shortfall >= tail.value_at_risk - 1e-6


def test_the_worse_of_two_tails_takes_each_figure_by_itself() -> None:
    """One may have the larger loss and the other the larger mean beyond it."""
    assert worse(Tail(1.0, 5.0), Tail(2.0, 3.0)) == Tail(2.0, 5.0)
    assert scaled(Tail(1.0, 5.0), 2.0) == Tail(2.0, 10.0)
