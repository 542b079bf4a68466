"""The Sharpe ratio, how sure it is, and what is left of it after many trials.

All Sharpe ratios here are **per observation** (a day, if the returns are daily): mean over
population standard deviation, with nothing subtracted for a riskless rate. Multiply by the square
root of the observations in a year to show one. Skewness and kurtosis are the bias-adjusted sample
estimators (Joanes and Gill, 1998); a normal distribution has kurtosis 3.

Sources: A. Lo, The Statistics of Sharpe Ratios (2002); E. Mertens (2002); D. Bailey and M. López
de Prado, The Sharpe Ratio Efficient Frontier (2012) and The Deflated Sharpe Ratio (2014).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from scipy.special import ndtr, ndtri

from tidegate_lab.statistics.errors import StatisticsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

OBSERVATIONS_MIN = 4
"""Fewer carry no kurtosis."""


class Moments(msgspec.Struct, frozen=True, kw_only=True):
    """What a series of returns looks like, per observation."""

    count: int
    mean: float
    deviation: float
    skewness: float
    kurtosis: float

    @property
    def sharpe(self) -> float:
        """Mean over standard deviation; 0 for a series that never moves."""
        return self.mean / self.deviation if self.deviation > 0 else 0.0


def moments_of(returns: NDArray[np.float64]) -> Moments:
    """Return the moments of a series (n,) of simple returns; at least 4, all finite.

    A series that never moves has no shape: it counts as normal.
    """
    count = len(returns)
    if count < OBSERVATIONS_MIN or not np.isfinite(returns).all():
        expected = f"at least {OBSERVATIONS_MIN} finite returns"
        raise StatisticsError("moments", expected, f"{count} returns")
    mean = float(returns.mean())
    distance = returns - mean
    deviation = float(np.sqrt(np.mean(distance**2)))
    if float(np.ptp(returns)) == 0 or deviation == 0:
        return Moments(count=count, mean=mean, deviation=0.0, skewness=0.0, kurtosis=3.0)
    scaled = distance / deviation
    skewness = float(np.mean(scaled**3)) * math.sqrt(count * (count - 1)) / (count - 2)
    excess = float(np.mean(scaled**4)) - 3
    factor = (count - 1) / ((count - 2) * (count - 3))
    return Moments(
        count=count,
        mean=mean,
        deviation=deviation,
        skewness=skewness,
        kurtosis=3 + factor * ((count + 1) * excess + 6),
    )


def standard_error(moments: Moments) -> float:
    r"""Return the standard error of the Sharpe ratio of ``moments`` (Mertens, 2002).

    sqrt((1 - skewness * SR + (kurtosis - 1) / 4 * SR^2) / (n - 1)). For normal returns it is Lo's
    sqrt((1 + SR^2 / 2) / (n - 1)).
    """
    return math.sqrt(_variance(moments) / (moments.count - 1))


def probabilistic_sharpe(moments: Moments, benchmark: float = 0.0) -> float:
    """Return the probability that the true Sharpe ratio is above ``benchmark``.

    Phi((SR - benchmark) / standard error) (Bailey and López de Prado, 2012).
    """
    return float(ndtr((moments.sharpe - benchmark) / standard_error(moments)))


def expected_maximum_sharpe(trials: int, variance: float) -> float:
    """Return the best Sharpe ratio to be expected of ``trials`` that have no skill at all.

    ``variance`` is that of the trials' Sharpe ratios. With g the Euler-Mascheroni constant:
    sqrt(variance) * ((1 - g) * Phi^-1(1 - 1/N) + g * Phi^-1(1 - 1/(N e))); 0 for one trial
    (Bailey and López de Prado, 2014).
    """
    if trials < 1 or not variance >= 0:
        expected = "at least 1 trial and a variance of at least 0"
        raise StatisticsError("expected maximum", expected, f"{trials} trials, {variance}")
    if trials == 1:
        return 0.0
    gamma = float(np.euler_gamma)
    nearest, second = ndtri(1 - 1 / trials), ndtri(1 - 1 / (trials * math.e))
    return float(math.sqrt(variance) * ((1 - gamma) * nearest + gamma * second))


def deflated_sharpe(moments: Moments, trials: int, variance: float) -> float:
    """Return the probability that the best of ``trials`` has any skill.

    The probabilistic Sharpe ratio against what luck alone would have reached in so many trials
    (Bailey and López de Prado, 2014). ``variance`` is that of the trials' Sharpe ratios, per
    observation like these.
    """
    return probabilistic_sharpe(moments, expected_maximum_sharpe(trials, variance))


def minimum_track_record(
    moments: Moments, benchmark: float = 0.0, confidence: float = 0.95
) -> float:
    """Return how many observations prove a Sharpe ratio above ``benchmark``; infinity: none do.

    1 + (1 - skewness * SR + (kurtosis - 1) / 4 * SR^2) * (Phi^-1(confidence) / (SR - benchmark))^2,
    rounded up (Bailey and López de Prado, 2012).
    """
    if not 0.5 < confidence < 1:  # noqa: PLR2004 - below a half nothing is to be proven
        raise StatisticsError("track record", "a confidence above 0.5, below 1", str(confidence))
    lead = moments.sharpe - benchmark
    if lead <= 0:
        return math.inf
    return 1.0 + math.ceil(_variance(moments) * (float(ndtri(confidence)) / lead) ** 2)


def _variance(moments: Moments) -> float:
    """Return n - 1 times the variance of the Sharpe ratio's estimate."""
    sharpe = moments.sharpe
    variance = 1 - moments.skewness * sharpe + (moments.kurtosis - 1) / 4 * sharpe**2
    if variance <= 0:
        expected = "returns whose Sharpe ratio has a variance: more of them"
        raise StatisticsError("standard error", expected, f"{moments.count} returns")
    return variance
