"""Estimates of real prices agree with numpy, scipy and skfolio, which share no code with ours."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from tidegate_risk.core.portfolio import tails
from tidegate_risk.core.portfolio.estimates import Estimates
from tidegate_risk.core.portfolio.monte_carlo import Scenarios
from tidegate_risk.core.portfolio.tails import DEGREES, LEVELS

from .closes import DATA, SAMPLES_MAX, Closes, estimates_at
from .portfolios import LARGE

FUNDS = ("DIA", "EEM", "EFA", "EWJ", "GLD", "IWM", "OIH", "QQQ", "SPY", "TLT", "XLE", "XLF")
SYMBOLS = tuple(sorted({*FUNDS, *LARGE}))
DATES = ("2007-12-31", "2008-10-15", "2012-06-29", "2015-12-30")
Reals = NDArray[np.float64]

pytestmark = pytest.mark.skipif(
    not DATA.is_file(), reason=f"{DATA.name} is not there: ten years of daily prices, {DATA.parent}"
)


class Case:
    """The service's estimates at one date, beside the returns that they are of."""

    def __init__(self, closes: Closes, date: str) -> None:
        place = closes.place_of(date)
        self.estimates: Estimates = estimates_at(closes, closes.window(), place)
        self.returns: Reals = closes.returns[:, max(place - SAMPLES_MAX, 0) : place]
        # Some long, some short, none alike.
        sizes = 1_000.0 * (1 + np.arange(len(SYMBOLS)))
        signs = np.where(np.arange(len(SYMBOLS)) % 3 == 1, -1.0, 1.0)
        self.weights: Reals = np.asarray(sizes * signs, np.float64)
        self.values = dict(zip(SYMBOLS, self.weights.tolist(), strict=True))
        self.profits: Reals = np.asarray(self.weights @ self.returns, np.float64)

    @property
    def covariance(self) -> Reals:
        """The covariance of the shrunk correlations, by skfolio."""
        from skfolio.moments import LedoitWolf  # noqa: PLC0415 - seconds, for this file alone

        deviations = self.returns.std(axis=1)
        standard = (self.returns - self.returns.mean(axis=1, keepdims=True)) / deviations[:, None]
        correlations: Reals = LedoitWolf().fit(standard.T).covariance_
        return correlations * np.outer(deviations, deviations)


@pytest.fixture(scope="module")
def closes() -> Closes:
    """Return ten years of closes of 32 symbols."""
    return Closes(DATA, SYMBOLS)


@pytest.fixture(params=DATES)
def case(closes: Closes, request: pytest.FixtureRequest) -> Case:
    """Return the estimates at one of four dates, one in the middle of October 2008."""
    return Case(closes, request.param)


def test_returns_and_volatilities_are_numpys(case: Case) -> None:
    """Of closes that were stored as integers, and returned as they were."""
    assert case.estimates.stacked(SYMBOLS) == pytest.approx(case.returns, abs=1e-15)
    found = [case.estimates.volatility(each) for each in SYMBOLS]
    assert found == pytest.approx(case.returns.std(axis=1), abs=1e-10)


def test_correlations_and_the_books_deviation_are_skfolios(case: Case) -> None:
    """The whole matrix, one listing against others, and what a book of 32 positions comes to."""
    covariance = case.covariance
    deviations = np.sqrt(np.diag(covariance))
    expected = covariance / np.outer(deviations, deviations)
    assert case.estimates.correlation_matrix(SYMBOLS) == pytest.approx(expected, abs=1e-8)
    one = case.estimates.correlations(SYMBOLS[3], SYMBOLS[:3])
    assert one == pytest.approx(expected[3, :3], abs=1e-8)
    own = sum(case.estimates.own_variance(*each) for each in case.values.items())
    deviation = case.estimates.deviation(case.estimates.profits(case.values), own)
    assert deviation == pytest.approx(math.sqrt(case.weights @ covariance @ case.weights), rel=1e-7)


@pytest.mark.parametrize("percent", [95, 99])
def test_historical_tails_are_numpys_and_skfolios(case: Case, percent: int) -> None:
    """Value at risk and its shortfall, of 32 positions and of one.

    Where the tail holds whole observations, two losses bound it: skfolio takes the smaller one,
    numpy's inverted distribution of profits the larger, and so does the service. Three days fewer,
    and all agree.
    """
    from skfolio.measures import cvar, value_at_risk  # noqa: PLC0415 - as above

    level, tail = LEVELS[percent], (100 - percent) / 100
    for values, profits in (
        (case.values, case.profits),
        ({SYMBOLS[0]: 500.0}, 500.0 * case.returns[0]),
    ):
        ours = case.estimates.profits(values)
        whole, part = tails.historical(ours, level), tails.historical(ours[3:], level)
        quantile = -np.quantile(profits, tail, method="inverted_cdf")
        assert whole.value_at_risk == pytest.approx(quantile)
        assert whole.shortfall == pytest.approx(cvar(profits, beta=percent / 100))
        assert part.value_at_risk == pytest.approx(value_at_risk(profits[3:], beta=percent / 100))
        assert part.shortfall == pytest.approx(cvar(profits[3:], beta=percent / 100))


@pytest.mark.parametrize("percent", [95, 99])
def test_parametric_and_student_tails_are_scipys(case: Case, percent: int) -> None:
    """Quantiles, and means beyond them by integration, of the book's shrunk deviation."""
    deviation = math.sqrt(case.weights @ case.covariance @ case.weights)
    own = sum(case.estimates.own_variance(*each) for each in case.values.items())
    ours = case.estimates.deviation(case.estimates.profits(case.values), own)
    narrowed = deviation * math.sqrt((DEGREES - 2) / DEGREES)
    for found, expected in (
        (tails.parametric(ours, LEVELS[percent]), stats.norm(scale=deviation)),
        (tails.student(ours, LEVELS[percent]), stats.t(DEGREES, scale=narrowed)),
    ):
        quantile = expected.ppf(percent / 100)
        beyond = expected.expect(lambda loss: loss, lb=quantile) / (1 - percent / 100)
        assert found.value_at_risk == pytest.approx(quantile, rel=1e-6)
        assert found.shortfall == pytest.approx(beyond, rel=1e-6)


@pytest.mark.parametrize("percent", [95, 99])
def test_simulated_tails_are_those_of_scipys_draws(case: Case, percent: int) -> None:
    """200,000 draws of scipy's own, against ten seeds of 10,000 of ours, over ten days."""
    from skfolio.measures import cvar, value_at_risk  # noqa: PLC0415 - as above

    shape = 10 * case.covariance * (DEGREES - 2) / DEGREES
    drawn = stats.multivariate_t(shape=shape, df=DEGREES, seed=1).rvs(200_000)
    profits = np.expm1(drawn) @ case.weights
    found = np.mean(
        [
            Scenarios(case.estimates, case.values, seed).tail(LEVELS[percent], 10)
            for seed in range(10)
        ],
        axis=0,
    )
    expected = [measure(profits, beta=percent / 100) for measure in (value_at_risk, cvar)]
    assert found == pytest.approx(expected, rel=0.03)


def test_the_present_width_is_that_of_an_exponential_mean(case: Case) -> None:
    """RiskMetrics' recursion, begun at nothing and normalised, never below the plain one."""
    variance = weight = 0.0
    for profit in case.profits.tolist():
        variance = 0.94 * variance + 0.06 * profit**2
        weight = 0.94 * weight + 0.06
    expected = max(1.0, math.sqrt(variance / weight / np.mean(case.profits**2)))
    assert case.estimates.widening(case.profits) == pytest.approx(expected, abs=1e-9)
