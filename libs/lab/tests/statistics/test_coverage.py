"""Exceedances of a value at risk, beside the published figures and another way to compute them."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray
from scipy import stats

from tidegate_lab.statistics.coverage import coverage_of
from tidegate_lab.statistics.errors import StatisticsError


def days(count: int, *exceeded: int) -> NDArray[np.bool_]:
    """Return so many days, of which the named ones are exceedances."""
    found = np.zeros(count, np.bool_)
    found[list(exceeded)] = True
    return found


@pytest.mark.parametrize(
    ("count", "exceedances", "tail", "rejected"),
    [
        (255, 6, 0.01, False),
        (255, 7, 0.01, True),
        (255, 7, 0.05, False),
        (255, 6, 0.05, True),
        (255, 20, 0.05, False),
        (255, 21, 0.05, True),
        (1000, 16, 0.01, False),
        (1000, 17, 0.01, True),
    ],
)
def test_kupiecs_bounds_are_the_published_ones(
    count: int, exceedances: int, tail: float, *, rejected: bool
) -> None:
    """Non-rejection regions at 5 %: Kupiec (1995), table 2 (N < 7, 6 < N < 21, 4 < N < 17)."""
    spread = np.linspace(0, count - 1, exceedances).astype(int)
    found = coverage_of(days(count, *spread.tolist()), tail)
    assert (found.kupiec < 0.05) is rejected
    assert found.exceedances == exceedances
    assert found.expected == pytest.approx(count * tail)


ROUNDED = 1e-6
"""At a ratio of 0 the p-value falls as its root does: 1e-15 of rounding moves it by 3e-8."""


@given(
    st.lists(st.booleans(), min_size=2, max_size=300),
    st.sampled_from([0.01, 0.05]),
)
def test_the_ratios_are_those_of_counted_transitions(hits: list[bool], tail: float) -> None:
    """Computed from the four counts of day and next day, as Christoffersen writes them."""
    found = coverage_of(np.array(hits), tail)
    pairs = list(pairwise(hits))
    n00, n01, n10, n11 = (pairs.count(each) for each in _TRANSITIONS)
    chained = _power(n00, n01) + _power(n10, n11)
    independence = max(2 * (chained - _power(n00 + n10, n01 + n11)), 0.0)
    assert found.independence == pytest.approx(stats.chi2.sf(independence, 1), abs=ROUNDED)
    count, total = sum(hits), len(hits)
    null = count * math.log(tail) + (total - count) * math.log(1 - tail)
    kupiec = max(2 * (_power(total - count, count) - null), 0.0)
    assert found.kupiec == pytest.approx(stats.chi2.sf(kupiec, 1), abs=ROUNDED)
    assert found.conditional == pytest.approx(stats.chi2.sf(kupiec + independence, 2), abs=ROUNDED)


_TRANSITIONS = ((False, False), (False, True), (True, False), (True, True))


def _power(misses: int, hits: int) -> float:
    total = misses + hits
    return sum(each * math.log(each / total) for each in (misses, hits) if each)


def test_clusters_are_found_where_their_number_is_right() -> None:
    """Thirteen exceedances in 250 days are what 5 % should have, but not all in a row."""
    spread = coverage_of(days(250, *range(5, 250, 19)), 0.05)
    clustered = coverage_of(days(250, *range(100, 113)), 0.05)
    assert spread.kupiec == clustered.kupiec > 0.5
    assert spread.independence > 0.1
    assert clustered.independence < 1e-6
    assert clustered.conditional < 1e-6


def test_no_exceedance_at_all_is_a_finding_too() -> None:
    """A value at risk that is never exceeded in four years is too high."""
    found = coverage_of(days(1_000), 0.01)
    assert (found.exceedances, found.independence) == (0, 1)
    assert found.kupiec == pytest.approx(stats.chi2.sf(-2_000 * math.log(0.99), 1))


@pytest.mark.parametrize(("count", "tail"), [(1, 0.01), (10, 0.0), (10, 1.0)])
def test_what_cannot_be_tested_is_refused(count: int, tail: float) -> None:
    """One day has none before it, and a tail is a share."""
    with pytest.raises(StatisticsError, match="at least 2 days"):
        coverage_of(days(count), tail)
