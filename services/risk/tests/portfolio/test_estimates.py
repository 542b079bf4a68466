"""Estimates of returns, against numpy's, and when they are made."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.covariance import ledoit_wolf

from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.portfolio.estimates import Estimates
from tidegate_risk.core.portfolio.window import ReturnWindow
from tidegate_risk.testing import START_NS, VENUE

from .markets import Market, desk_of, noise

NAMES = ("AAA", "BBB", "CCC")
LISTINGS = tuple(f"{VENUE}|{each}" for each in NAMES)


def estimates_of(market: Market, samples_max: int = 500, samples_min: int = 60) -> Estimates:
    """Return the estimates of a market's closes."""
    window = ReturnWindow(NS_PER_DAY, 600)
    days = market.closes.shape[1]
    times = START_NS + (np.arange(days) - days + 1) * NS_PER_DAY
    window.append([f"{VENUE}|{each}" for each in market.symbols], times, market.closes)
    return Estimates(window, START_NS, samples_max=samples_max, samples_min=samples_min)


@pytest.fixture
def mixed() -> Market:
    """Return 300 days of three symbols, of which the second follows the first a little."""
    one, own, other = noise(3, 300, seed=3)
    return Market(np.stack([one, 0.5 * one + 0.5 * own, 2 * other]), NAMES)


def test_volatilities_and_correlations_are_numpys(mixed: Market) -> None:
    """Correlations are scikit-learn's shrinkage of the standardised returns."""
    estimates, returns = estimates_of(mixed), mixed.returns
    assert [estimates.volatility(each) for each in LISTINGS] == pytest.approx(
        returns.std(axis=1), abs=1e-10
    )
    standard = (returns - returns.mean(axis=1, keepdims=True)) / returns.std(axis=1, keepdims=True)
    shrunk, intensity = ledoit_wolf(standard.T)
    assert estimates.intensity == pytest.approx(intensity, abs=1e-9)
    assert estimates.correlation_matrix(LISTINGS) == pytest.approx(shrunk, abs=1e-9)
    assert estimates.correlations(LISTINGS[0], LISTINGS[1:]) == pytest.approx(
        shrunk[0, 1:], abs=1e-9
    )


def test_a_books_deviation_is_that_of_its_shrunk_covariance(mixed: Market) -> None:
    """Without a covariance matrix, from the profits and the positions' own variances."""
    estimates, returns = estimates_of(mixed), mixed.returns
    values = dict(zip(LISTINGS, (10_000.0, -4_000.0, 2_500.0), strict=True))
    weights, deviations = np.array(list(values.values())), returns.std(axis=1)
    matrix = estimates.correlation_matrix(LISTINGS) * np.outer(deviations, deviations)
    own = sum(estimates.own_variance(each, value) for each, value in values.items())
    profits = estimates.profits(values)
    assert profits == pytest.approx(weights @ returns)
    assert estimates.deviation(profits, own) == pytest.approx(np.sqrt(weights @ matrix @ weights))


def widened(calm: int, wild: int) -> float:
    """Return the widening of a book that was calm for some days and is wild since."""
    estimates = estimates_of(Market(noise(1, calm + wild, seed=5), NAMES[:1]))
    return estimates.widening(np.concatenate([np.tile([1.0, -1.0], calm // 2), [4.0] * wild]))


def test_a_book_is_widened_by_what_happens_now() -> None:
    """Weights of 0.94 a day: ten days of four times the size, against their share in the window."""
    old, new = 0.94**10, 1 - 0.94**10
    present = (old * (1 - 0.94**190) + 16 * new) / (1 - 0.94**200)
    plain = (190 + 16 * 10) / 200
    assert widened(190, 10) == pytest.approx((present / plain) ** 0.5)


def test_calm_never_narrows() -> None:
    """Today's quiet does not undo what was measured; nor does a book that never moved."""
    estimates = estimates_of(Market(noise(1, 100), NAMES[:1]))
    assert estimates.widening(np.concatenate([np.full(20, 4.0), np.full(80, 0.1)])) == 1
    assert estimates.widening(np.zeros(100)) == 1
    assert estimates.widening(np.zeros(0)) == 1


def test_only_the_newest_samples_count(mixed: Market) -> None:
    """A hundred returns of the three hundred."""
    estimates = estimates_of(mixed, samples_max=100)
    assert estimates.samples(LISTINGS[0]) == 100
    assert estimates.volatility(LISTINGS[0]) == pytest.approx(mixed.returns[0, -100:].std())


def test_listings_are_compared_over_the_days_that_all_of_them_have() -> None:
    """A young listing shortens what is looked at, and has no estimates below the minimum."""
    market = Market(noise(3, 300, seed=4), NAMES)
    market.closes[1, :200] = 0
    estimates = estimates_of(market)
    assert [estimates.samples(each) for each in LISTINGS] == [300, 100, 300]
    assert estimates.stacked(LISTINGS).shape == (3, 100)
    assert estimates.stacked(LISTINGS[::2]).shape == (2, 300)
    assert not estimates_of(market, samples_min=101).has(LISTINGS[1])
    assert estimates_of(market, samples_min=100).has(LISTINGS[1])
    assert not estimates.has(f"{VENUE}|NEW")


def test_prices_that_never_moved_are_correlated_with_nothing() -> None:
    """Nothing is divided by a volatility of zero."""
    market = Market(np.stack([noise(1, 100)[0], np.zeros(100), noise(1, 100, 5)[0]]), NAMES)
    estimates = estimates_of(market)
    assert estimates.correlations(LISTINGS[0], LISTINGS[1:2]) == [0.0]
    assert estimates.volatility(LISTINGS[1]) == 0


@pytest.mark.parametrize(("days", "there"), [(60, True), (59, False)])
def test_estimates_begin_with_the_declared_number_of_returns(days: int, *, there: bool) -> None:
    """So many returns, whose last day is over."""
    desk = desk_of(Market(noise(1, days), ("AAA",)))
    found = desk.machine.state.portfolio.estimates(desk.machine.parameters.limits)
    assert (found is not None) is there
    if found is not None:
        assert found.as_of_ns == START_NS


def test_estimates_take_returns_in_at_their_interval() -> None:
    """With an interval of a week they are those of the last whole week."""
    week_ns = 7 * NS_PER_DAY
    desk = desk_of(Market(noise(1, 100), ("AAA",)), estimate_interval_ns=week_ns)
    found = desk.machine.state.portfolio.estimates(desk.machine.parameters.limits)
    assert found is not None
    assert found.as_of_ns == START_NS // week_ns * week_ns
    over_days = (START_NS - found.as_of_ns) // NS_PER_DAY
    assert found.samples(f"{VENUE}|AAA") == 100 - over_days
