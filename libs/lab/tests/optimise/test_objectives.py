"""Weights by each method, beside computations that share no code with them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray
from scipy import optimize
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform
from sklearn.covariance import ledoit_wolf

from tidegate_lab.optimise.errors import OptimiseError
from tidegate_lab.optimise.objectives import CVAR_BETA, METHODS, weights_by

Reals = NDArray[np.float64]
SEEDS = (1, 2, 3)


def market(seed: int, symbols: int = 6, days: int = 300) -> Reals:
    """Return returns that move together in part, of volatilities and means that differ."""
    generator = np.random.default_rng(seed)
    shared = generator.standard_normal((symbols, 3)) @ generator.standard_normal((3, days))
    own = generator.standard_normal((symbols, days))
    sizes = generator.uniform(0.005, 0.02, (symbols, 1))
    made: Reals = sizes * (own + shared) + generator.uniform(0.0, 0.001, (symbols, 1))
    return made


def covariance_of(returns: Reals) -> Reals:
    """Return scikit-learn's shrunk covariance."""
    found: Reals = ledoit_wolf(returns.T)[0]
    return found


def searched(loss: optimize.Objective, count: int, weight_max: float) -> Reals:
    """Return the weights that scipy's general search finds."""
    found = optimize.minimize(
        loss,
        np.full(count, 1 / count),
        method="SLSQP",
        bounds=[(0, weight_max)] * count,
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 1_000},
    )
    assert found.success
    weights: Reals = found.x
    return weights


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("weight_max", [1.0, 0.3])
def test_minimum_variance_is_what_a_general_search_finds(seed: int, weight_max: float) -> None:
    """Of the shrunk covariance, within the bounds."""
    returns = market(seed)
    covariance = covariance_of(returns)
    expected = searched(lambda w: 1e4 * w @ covariance @ w, len(returns), weight_max)
    assert weights_by("minimum-variance", returns, weight_max) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("weight_max", [1.0, 0.3])
def test_maximum_sharpe_is_what_a_general_search_finds(seed: int, weight_max: float) -> None:
    """Mean over deviation; nothing is subtracted for a riskless rate."""
    returns = market(seed)
    covariance, means = covariance_of(returns), returns.mean(axis=1)
    expected = searched(
        lambda w: -(means @ w) / np.sqrt(w @ covariance @ w), len(returns), weight_max
    )
    assert weights_by("maximum-sharpe", returns, weight_max) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("weight_max", [1.0, 0.3])
def test_the_lowest_cvar_is_that_of_the_linear_programme(seed: int, weight_max: float) -> None:
    """Rockafellar and Uryasev's, solved by scipy: the same shortfall, to a millionth."""
    returns = market(seed)
    count, days = returns.shape
    tail = (1 - CVAR_BETA) * days
    # Variables: weights, the value at risk, and by how much each day is beyond it.
    costs = np.concatenate([np.zeros(count), [1.0], np.full(days, 1 / tail)])
    beyond = np.hstack([-returns.T, -np.ones((days, 1)), -np.eye(days)])
    solved = optimize.linprog(
        costs,
        A_ub=beyond,
        b_ub=np.zeros(days),
        A_eq=[[1.0] * count + [0.0] * (days + 1)],
        b_eq=[1.0],
        bounds=[(0, weight_max)] * count + [(None, None)] + [(0, None)] * days,
    )
    worst = np.sort(-(weights_by("cvar", returns, weight_max) @ returns))[::-1][: round(tail)]
    assert worst.mean() == pytest.approx(solved.fun, abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_in_risk_parity_every_position_adds_the_same_risk(seed: int) -> None:
    """Weight times the covariance with the whole is one share of n."""
    returns = market(seed)
    weights = weights_by("risk-parity", returns, 1.0)
    added = weights * (covariance_of(returns) @ weights)
    assert added / added.sum() == pytest.approx(np.full(len(returns), 1 / len(returns)), abs=2e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_hierarchical_parity_is_that_of_its_paper(seed: int) -> None:
    """Ward's tree of correlations, its leaves in order, halved again and again."""
    returns = market(seed)
    covariance = covariance_of(returns)
    distances = np.sqrt(np.clip((1 - np.corrcoef(returns)) / 2, 0, 1))
    np.fill_diagonal(distances, 0.0)
    tree = linkage(squareform(distances, checks=False), "ward", optimal_ordering=True)
    expected = np.ones(len(returns))
    _halve(leaves_list(tree).tolist(), covariance, expected)
    assert weights_by("hrp", returns, 1.0) == pytest.approx(expected, abs=1e-5)


def _halve(leaves: list[int], covariance: Reals, weights: Reals) -> None:
    if len(leaves) == 1:
        return
    halves = leaves[: len(leaves) // 2], leaves[len(leaves) // 2 :]
    variances = []
    for half in halves:
        part = covariance[np.ix_(half, half)]
        inverse = 1 / np.diag(part)
        inverse /= inverse.sum()
        variances.append(inverse @ part @ inverse)
    for half, other in zip(halves, variances[::-1], strict=True):
        weights[half] *= other / sum(variances)
        _halve(half, covariance, weights)


@given(
    method=st.sampled_from(sorted(METHODS)),
    seed=st.integers(0, 10_000),
    symbols=st.integers(2, 8),
    slack=st.floats(1.02, 3.0),
)
@settings(max_examples=20, deadline=None)
def test_weights_take_everything_and_stay_within_their_bounds(
    method: str, seed: int, symbols: int, slack: float
) -> None:
    """None below nothing, none above the largest, all of it together; the same every time."""
    returns, weight_max = market(seed, symbols) + 0.005, min(slack / symbols, 1.0)
    weights = weights_by(method, returns, weight_max)
    assert weights.min() >= 0
    assert weights.max() <= weight_max + 1e-4
    assert weights.sum() == pytest.approx(1.0, abs=1e-5)
    assert weights_by(method, returns, weight_max).tolist() == weights.tolist()


@pytest.mark.parametrize("method", sorted(METHODS))
def test_one_symbol_takes_everything(method: str) -> None:
    """There is nothing to choose."""
    assert weights_by(method, market(1, symbols=1), 1.0).tolist() == [1.0]


def test_a_largest_weight_that_cannot_take_everything_is_refused() -> None:
    """Three symbols of at most 0.3 leave a tenth."""
    with pytest.raises(OptimiseError, match=r"at least 1/3.*found 0.3"):
        weights_by("hrp", market(1, symbols=3), 0.3)


def test_a_market_that_only_fell_has_no_highest_sharpe_ratio() -> None:
    """The other methods do without means, and the error names them."""
    falling = market(1) - 0.01
    with pytest.raises(OptimiseError, match=r"mean return above 0.*minimum-variance"):
        weights_by("maximum-sharpe", falling, 1.0)
    assert weights_by("minimum-variance", falling, 1.0).sum() == pytest.approx(1.0)


def test_an_unknown_method_is_refused_by_name() -> None:
    """The error lists those that there are."""
    with pytest.raises(OptimiseError, match=r"one of maximum-sharpe, .*found best"):
        weights_by("best", market(1), 1.0)
