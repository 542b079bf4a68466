"""Confidence intervals from the data themselves: the stationary block bootstrap.

Blocks of random, geometrically distributed length are drawn from the circle of observations, so
that what follows what stays as it was, and every resample is as stationary as the original
(D. Politis and J. Romano, The Stationary Bootstrap, 1994). The mean length is chosen from the
data's own autocorrelation (D. Politis and H. White, 2004, corrected by A. Patton, D. Politis and
H. White, 2009).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate_lab.statistics.errors import StatisticsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

RESAMPLES = 2_000
_CELLS_AT_A_TIME = 1_000_000
_OBSERVATIONS_MIN = 10
_SIGNIFICANCE = 2.0
"""Autocorrelations above this many standard errors count (Politis and White)."""


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """Where a statistic lies with a probability."""

    low: float
    high: float
    confidence: float


def sharpe_interval(
    returns: NDArray[np.float64],
    confidence: float = 0.95,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Return the percentile interval of the Sharpe ratio per observation of ``returns`` (n,)."""
    if len(returns) < _OBSERVATIONS_MIN:
        expected = f"at least {_OBSERVATIONS_MIN} returns"
        raise StatisticsError("bootstrap", expected, str(len(returns)))
    drawn = np.concatenate([_sharpes(each) for each in _resampled(returns, resamples, seed)])
    edge = (1 - confidence) / 2
    low, high = np.quantile(drawn, (edge, 1 - edge))
    return Interval(low=float(low), high=float(high), confidence=confidence)


def block_length(returns: NDArray[np.float64]) -> float:
    """Return the mean length of the blocks that suits ``returns`` (n,), at least 1.

    With the flat-top window lambda over the autocovariances R(k) up to a lag M that the data
    choose: G = sum lambda(k/M) |k| R(k), D = 2 (sum lambda(k/M) R(k))^2, b = (2 G^2 / D)^(1/3)
    n^(1/3).
    """
    count = len(returns)
    centred = returns - returns.mean()
    variance = float(centred @ centred) / count
    if variance == 0:
        return 1.0
    lag_max = min(math.ceil(math.sqrt(count)) + _quiet_lags(count), count - 1)
    covariance = np.array(
        [float(centred[lag:] @ centred[: count - lag]) / count for lag in range(lag_max + 1)]
    )
    lag = _last_lag(covariance / variance, count)
    places = np.arange(1, min(2 * lag, lag_max) + 1)
    window = np.minimum(1.0, 2 * (1 - places / (2 * lag)))
    spread = 2 * float(np.sum(window * places * covariance[places]))
    level = covariance[0] + 2 * float(np.sum(window * covariance[places]))
    if level == 0:
        return 1.0
    length = (spread**2 / level**2) ** (1 / 3) * count ** (1 / 3)
    longest = math.ceil(min(3 * math.sqrt(count), count / 3))
    return float(min(max(length, 1.0), longest))


def _quiet_lags(count: int) -> int:
    """Return how many small autocorrelations in a row end the search."""
    return max(5, math.ceil(math.sqrt(math.log10(count))))


def _last_lag(correlation: NDArray[np.float64], count: int) -> int:
    """Return the lag after which ``_quiet_lags`` autocorrelations in a row are small."""
    quiet = _quiet_lags(count)
    bound = _SIGNIFICANCE * math.sqrt(math.log10(count) / count)
    loud = np.flatnonzero(np.abs(correlation[1:]) > bound) + 1
    previous = 0
    for lag in loud.tolist():
        if lag - previous > quiet:
            break
        previous = lag
    return max(previous, 1)


def _resampled(
    returns: NDArray[np.float64], resamples: int, seed: int
) -> Iterator[NDArray[np.float64]]:
    """Yield resamples (some, n), a bounded number of cells at a time."""
    count = len(returns)
    generator = np.random.default_rng(seed)
    begins_with = 1 / block_length(returns)
    places = np.arange(count)
    rows = max(1, _CELLS_AT_A_TIME // count)
    for first in range(0, resamples, rows):
        shape = (min(rows, resamples - first), count)
        begins = generator.random(shape) < begins_with
        begins[:, 0] = True
        starts = generator.integers(0, count, shape)
        begun = np.maximum.accumulate(np.where(begins, places, 0), axis=1)
        chosen = (np.take_along_axis(starts, begun, axis=1) + places - begun) % count
        yield returns[chosen]


def _sharpes(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    deviation = rows.std(axis=1)
    moves = np.ptp(rows, axis=1) > 0
    sharpes: NDArray[np.float64] = np.where(
        moves, rows.mean(axis=1) / np.where(moves, deviation, 1.0), 0.0
    )
    return sharpes
