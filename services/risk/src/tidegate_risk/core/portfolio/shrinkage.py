"""Covariance with shrinkage: a sample matrix of few observations pulled towards a simple one.

O. Ledoit and M. Wolf, A well-conditioned estimator for large-dimensional covariance matrices,
Journal of Multivariate Analysis 88 (2004) 365-411. With observations x_t of n variables around
their means, S = (1/T) sum x_t x_t', m = trace(S)/n and |A|^2 = trace(A A')/n:

    d^2 = |S - m I|^2                      how far the sample matrix is from the simple one
    b^2 = min(d^2, (1/T^2) sum |x_t x_t' - S|^2)          how much of that is chance
    estimate = (b^2/d^2) m I + (1 - b^2/d^2) S
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]


class Shrunk(NamedTuple):
    """A shrunk covariance (n, n), and the share in [0, 1] that the simple matrix has in it."""

    covariance: Reals
    intensity: float


def ledoit_wolf(observations: Reals) -> Shrunk:
    """Return the shrunk covariance of ``observations`` (n, T), one row for each variable."""
    centred = observations - observations.mean(axis=1, keepdims=True)
    sample = centred @ centred.T / centred.shape[1]
    intensity = shrinkage_of(centred, sample)
    simple = intensity * float(np.trace(sample)) / len(sample)
    covariance = (1 - intensity) * sample
    covariance.flat[:: len(sample) + 1] += simple
    return Shrunk(covariance, intensity)


def shrinkage_of(centred: Reals, sample: Reals) -> float:
    """Return the intensity b^2/d^2 for centred observations (n, T) and their covariance (n, n).

    ``sum |x x' - S|^2`` is ``sum (x'x)^2 - T |S|^2``, which needs no second matrix product.
    """
    variables, count = centred.shape
    trace, squared = float(np.trace(sample)), float(np.vdot(sample, sample))
    distance = (squared - trace * trace / variables) / variables
    if distance <= 0:
        return 0.0
    lengths = np.einsum("nt,nt->t", centred, centred)
    chance = (float(lengths @ lengths) / count - squared) / (variables * count)
    return float(min(max(chance, 0.0), distance) / distance)
