"""Sharpe, its error and its deflated forms, beside independent implementations."""

import math
from functools import partial

import numpy as np
import purgedcv
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray
from scipy import stats

from tidegate_lab.statistics.errors import StatisticsError
from tidegate_lab.statistics.sharpe import (
    Moments,
    deflated_sharpe,
    expected_maximum_sharpe,
    minimum_track_record,
    moments_of,
    probabilistic_sharpe,
    standard_error,
)

same = partial(pytest.approx, rel=1e-9, abs=1e-12)


def drawn(seed: int, count: int = 400, tail: float = 4.0) -> NDArray[np.float64]:
    """Return returns with fat tails and a small drift."""
    generator = np.random.default_rng(seed)
    return generator.standard_t(tail, count) * 0.01 + 0.0008


@pytest.mark.parametrize("seed", range(20))
def test_moments_equal_those_of_scipy(seed: int) -> None:
    """Skewness and kurtosis are the bias-adjusted sample estimators."""
    returns = drawn(seed)
    moments = moments_of(returns)
    assert moments.skewness == same(stats.skew(returns, bias=False))
    assert moments.kurtosis == same(stats.kurtosis(returns, bias=False, fisher=False))
    assert moments.sharpe == same(returns.mean() / returns.std())


@pytest.mark.parametrize("seed", range(20))
def test_deflated_sharpe_equals_an_independent_implementation(seed: int) -> None:
    """Probabilistic and deflated Sharpe ratios agree with purgedcv to 9 digits."""
    returns = drawn(seed, count=50 + 97 * seed, tail=3.0 + seed)
    moments = moments_of(returns)
    for benchmark in (-0.05, 0.0, 0.1):
        theirs = purgedcv.probabilistic_sharpe_ratio(returns, benchmark)
        assert probabilistic_sharpe(moments, benchmark) == same(theirs)
    for trials in (1, 2, 10, 1_000):
        theirs = purgedcv.deflated_sharpe_ratio(returns, trials, 0.002)
        assert deflated_sharpe(moments, trials, 0.002) == same(theirs)


def test_deflated_sharpe_agrees_on_real_returns(
    real_returns: dict[str, NDArray[np.float64]],
) -> None:
    """Daily returns of real stocks give the same as purgedcv."""
    for returns in real_returns.values():
        moments = moments_of(returns)
        theirs = purgedcv.deflated_sharpe_ratio(returns, 500, 0.0004)
        assert deflated_sharpe(moments, 500, 0.0004) == same(theirs)


@pytest.mark.parametrize("seed", range(10))
def test_track_record_equals_an_independent_implementation(seed: int) -> None:
    """The minimum track record agrees with purgedcv."""
    moments = moments_of(drawn(seed))
    for benchmark in (-0.2, moments.sharpe - 0.05, moments.sharpe + 0.01):
        theirs = purgedcv.min_track_record_length(
            moments.sharpe, benchmark, 0.05, moments.skewness, moments.kurtosis
        )
        assert minimum_track_record(moments, benchmark) == theirs


def test_the_standard_error_is_what_repetition_shows() -> None:
    """Over 2,000 histories with a known Sharpe ratio, its estimates spread as the error says."""
    generator = np.random.default_rng(1)
    histories = [moments_of(row) for row in generator.normal(0.05, 1.0, (2_000, 500))]
    spread = float(np.std([each.sharpe for each in histories]))
    said = float(np.mean([standard_error(each) for each in histories]))
    assert said == pytest.approx(spread, rel=0.05)


def test_luck_alone_reaches_the_expected_maximum() -> None:
    """The best of 200 worthless trials has the Sharpe ratio that the formula expects."""
    generator = np.random.default_rng(2)
    best, expected = [], []
    for _ in range(100):
        sharpes = [moments_of(row).sharpe for row in generator.normal(0.0, 1.0, (200, 100))]
        best.append(max(sharpes))
        expected.append(expected_maximum_sharpe(200, float(np.var(sharpes, ddof=1))))
    assert np.mean(best) == pytest.approx(np.mean(expected), rel=0.03)


@settings(max_examples=50)
@given(st.integers(2, 10_000), st.floats(1e-6, 0.1))
def test_more_trials_never_raise_the_deflated_sharpe(trials: int, variance: float) -> None:
    """Whoever tries more must find more."""
    moments = Moments(count=500, mean=0.1, deviation=1.0, skewness=-0.5, kurtosis=6.0)
    fewer = deflated_sharpe(moments, trials, variance)
    assert deflated_sharpe(moments, trials + 1, variance) <= fewer
    assert fewer <= probabilistic_sharpe(moments)


def test_returns_that_never_move_have_no_sharpe() -> None:
    """Rounding of a constant's mean makes no infinite ratio."""
    moments = moments_of(np.full(100, 0.1))
    assert moments.sharpe == 0.0
    assert probabilistic_sharpe(moments) == 0.5
    assert math.isinf(minimum_track_record(moments))


def test_too_few_or_infinite_returns_are_refused() -> None:
    """A statistic of nothing is an error that says what was expected."""
    with pytest.raises(StatisticsError, match="at least 4 finite returns, found 3"):
        moments_of(np.zeros(3))
    with pytest.raises(StatisticsError):
        moments_of(np.array([0.1, 0.2, np.nan, 0.1]))
    with pytest.raises(StatisticsError, match="at least 1 trial"):
        expected_maximum_sharpe(0, 0.1)
