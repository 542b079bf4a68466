"""The bootstrap's intervals cover what they promise, and blocks follow the data."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate_lab.statistics.bootstrap import block_length, sharpe_interval
from tidegate_lab.statistics.errors import StatisticsError


def _autoregressive(generator: np.random.Generator, count: int, factor: float) -> list[float]:
    value, values = 0.0, []
    for shock in generator.normal(0, 1, count):
        value = factor * value + shock
        values.append(value)
    return values


def _covered(histories: list[NDArray[np.float64]], sharpe: float) -> float:
    hits = 0
    for history in histories:
        interval = sharpe_interval(history, 0.9, resamples=300)
        hits += interval.low <= sharpe <= interval.high
    return hits / len(histories)


def test_intervals_cover_the_truth() -> None:
    """Of 300 histories with a known Sharpe ratio, about 90 % lie in their 90 % interval."""
    generator = np.random.default_rng(1)
    histories = [generator.normal(0.1, 1.0, 250) for _ in range(300)]
    assert _covered(histories, 0.1) == pytest.approx(0.9, abs=0.05)


def test_blocks_keep_what_hangs_together() -> None:
    """With autocorrelation the interval widens, where an unblocked one would be far too short."""
    generator = np.random.default_rng(2)
    histories = [np.array(_autoregressive(generator, 500, 0.6)) for _ in range(80)]
    assert _covered(histories, 0.0) > 0.78
    unblocked = 2 * 1.645 / np.sqrt(500)
    assert np.mean([_width(each) for each in histories]) > 1.5 * unblocked


def test_block_length_follows_the_autocorrelation() -> None:
    """Independent returns need blocks of about one, and the more they hang together the longer."""
    generator = np.random.default_rng(3)
    alone = np.median([block_length(generator.normal(0, 1, 1_000)) for _ in range(50)])
    some = np.median(
        [block_length(np.array(_autoregressive(generator, 1_000, 0.5))) for _ in range(50)]
    )
    much = np.median(
        [block_length(np.array(_autoregressive(generator, 1_000, 0.9))) for _ in range(50)]
    )
    assert alone < 4 < some < much


def test_the_optimal_block_of_an_autoregression_is_that_of_the_paper() -> None:
    """For AR(1) with factor f, G / g(0) = 2 f / (1 - f^2), so b = (that squared times n)^(1/3)."""
    generator = np.random.default_rng(4)
    factor, count = 0.5, 4_000
    optimum = ((2 * factor / (1 - factor**2)) ** 2 * count) ** (1 / 3)
    found = [block_length(np.array(_autoregressive(generator, count, factor))) for _ in range(40)]
    assert np.median(found) == pytest.approx(optimum, rel=0.15)


def test_the_same_seed_gives_the_same_interval() -> None:
    """Nothing random is left when the seed is given."""
    history = np.random.default_rng(5).normal(0, 1, 100)
    assert sharpe_interval(history, seed=7) == sharpe_interval(history, seed=7)
    assert sharpe_interval(history, seed=7) != sharpe_interval(history, seed=8)


def test_too_few_returns_are_refused() -> None:
    """Nine returns carry no interval."""
    with pytest.raises(StatisticsError, match="at least 10 returns, found 9"):
        sharpe_interval(np.zeros(9))


def _width(history: NDArray[np.float64]) -> float:
    interval = sharpe_interval(history, 0.9, resamples=300)
    return interval.high - interval.low
