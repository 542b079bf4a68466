"""VaR and CVaR by simulation: scenarios with fat tails, drawn from a seed.

Log returns are drawn from a multivariate Student distribution (`tails`), scaled to the shrunk
covariance; positions are valued at the prices that follow, so a long position cannot lose more than
it is worth. Horizons scale the covariance with time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tidegate_risk.core.portfolio import tails
from tidegate_risk.core.portfolio.tails import DEGREES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tidegate_risk.core.portfolio.estimates import Estimates
    from tidegate_risk.core.portfolio.tails import Level, Tail

    Reals = NDArray[np.float64]

SCENARIOS = 10_000


class Scenarios:
    """Simulated profits of a book, before they are scaled to a horizon.

    ``seed`` decides every draw: equal estimates, values and seeds give equal figures.
    """

    def __init__(self, estimates: Estimates, values: Mapping[str, float], seed: int) -> None:
        self._values = np.array(list(values.values()))
        listings = tuple(values)
        deviations = np.array([estimates.volatility(each) for each in listings])
        self._draws = _student(_root(estimates.correlation_matrix(listings)), seed)
        self._draws *= deviations[:, None]

    def tail(self, level: Level, steps: float) -> Tail:
        """Return the tail of the book's profit over so many steps of the estimates."""
        profits = np.zeros(self._draws.shape[1])
        for value, draws in zip(self._values.tolist(), self._draws, strict=True):
            profits += value * np.expm1(math.sqrt(steps) * draws)
        return tails.historical(profits, level)


def _student(root: Reals, seed: int) -> Reals:
    """Return draws (n, SCENARIOS) of a multivariate Student distribution with variances of 1."""
    generator = np.random.Generator(np.random.PCG64(seed))  # noqa: TID251 - the seed is given
    normal = generator.standard_normal((len(root), SCENARIOS))
    widths = np.sqrt((DEGREES - 2) / generator.chisquare(DEGREES, SCENARIOS))
    drawn: Reals = root @ normal * widths
    return drawn


def _root(correlation: Reals) -> Reals:
    """Return a matrix whose product with its transpose is the correlation matrix.

    By eigenvalues, those below zero taken for zero: positions that always moved together leave a
    matrix without a Cholesky factor.
    """
    values, vectors = np.linalg.eigh(correlation)
    root: Reals = vectors * np.sqrt(np.maximum(values, 0.0))
    return root
