"""The probability of back-test overfitting, beside purgedcv and beside worlds that we know."""

from itertools import product

import numpy as np
import purgedcv
import pytest
from numpy.typing import NDArray

from tidegate_lab.statistics.errors import StatisticsError
from tidegate_lab.statistics.overfitting import probability_of_overfitting


@pytest.mark.parametrize(
    ("trials", "count", "blocks"), [(2, 40, 4), (5, 101, 6), (12, 250, 8), (31, 333, 10)]
)
def test_it_equals_an_independent_implementation(trials: int, count: int, blocks: int) -> None:
    """Probability, every logit and the degradation agree with purgedcv on random series."""
    generator = np.random.default_rng(trials)
    returns = generator.standard_t(4, (trials, count)) * 0.01
    _agree(returns, blocks)


def test_it_agrees_on_real_series(real_returns: dict[str, NDArray[np.float64]]) -> None:
    """Long above an average of the last n closes, for 24 lengths, on each real stock."""
    for returns in real_returns.values():
        _agree(_trend_followers(returns), 8)


def test_trials_that_never_trade_agree_too() -> None:
    """A trial without a trade has the Sharpe ratio 0, and equals share their rank."""
    returns = np.random.default_rng(3).normal(0, 0.01, (6, 120))
    returns[2] = 0.0
    returns[4] = 0.0
    _agree(returns, 6)


def test_noise_is_overfitted_half_of_the_time() -> None:
    """Among worthless trials the best one of the sample is anything in the future."""
    generator = np.random.default_rng(4)
    found = [
        probability_of_overfitting(generator.normal(0, 1, (50, 400)), 10).probability
        for _ in range(40)
    ]
    assert np.mean(found) == pytest.approx(0.5, abs=0.08)


def test_skill_is_not_overfitting() -> None:
    """A trial that is truly better is found, and stays better."""
    returns = np.random.default_rng(5).normal(0, 1, (50, 400))
    returns[7] += 0.5
    found = probability_of_overfitting(returns, 10)
    assert found.probability == 0.0
    assert found.loss_probability == 0.0
    assert found.ways == 252


def test_impossible_requests_are_refused() -> None:
    """An odd number of blocks, one trial, or fewer observations than blocks say so."""
    for (trials, count), blocks in product([(1, 50), (3, 5)], [8, 7]):
        with pytest.raises(StatisticsError, match="overfitting: expected"):
            probability_of_overfitting(np.zeros((trials, count)), blocks)


def _agree(returns: NDArray[np.float64], blocks: int) -> None:
    ours = probability_of_overfitting(returns, blocks)
    theirs = purgedcv.probability_of_backtest_overfitting(returns, n_splits=blocks)
    assert ours.probability == theirs.pbo
    assert ours.ways == theirs.n_combos
    # They take the future where we take the sample; every half is once either.
    assert sorted(ours.logits) == pytest.approx(sorted(theirs.logits.tolist()))


def _trend_followers(returns: NDArray[np.float64]) -> NDArray[np.float64]:
    closes = np.cumprod(1 + returns)
    sums = np.cumsum(closes)
    rows = []
    for length in range(5, 125, 5):
        average = np.full(len(closes), np.inf)
        average[length:] = (sums[length:] - sums[:-length]) / length
        held = np.concatenate([[False], closes[:-1] > average[:-1]])
        rows.append(np.where(held, returns, 0.0))
    return np.array(rows)
