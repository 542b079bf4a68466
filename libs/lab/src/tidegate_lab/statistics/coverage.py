"""Whether a value at risk was exceeded as often as it says, and not in clusters.

A day on which more was lost than the value at risk is an exceedance. At a level of 99 % one day in
a hundred should be one, whatever happened on the day before. Each figure is a p-value: how likely
at least such a deviation is for a value at risk that is right.

``kupiec``       the number of exceedances (P. Kupiec, Techniques for verifying the accuracy of risk
                 measurement models, Journal of Derivatives 3 (1995) 73-84)
``independence`` an exceedance is as likely after an exceedance as after any other day
``conditional``  both at once (both: P. Christoffersen, Evaluating interval forecasts, International
                 Economic Review 39 (1998) 841-862)

All are likelihood ratios. They are chi-squared with one degree of freedom, the last one with two,
in long series; a few exceedances tell little.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from scipy.special import chdtrc

from tidegate_lab.statistics.errors import StatisticsError

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How often a value at risk was exceeded, and the three p-values."""

    days: int
    exceedances: int
    expected: float
    kupiec: float
    independence: float
    conditional: float


def coverage_of(exceeded: NDArray[np.bool_], tail: float) -> Coverage:
    """Return the coverage of ``exceeded`` (n,), one entry a day, n at least 2.

    ``tail`` is the share of days that should be exceedances, 0.01 at a level of 99 %.
    """
    if len(exceeded) < 2 or not 0 < tail < 1:  # noqa: PLR2004 - a day has one before it
        expected = "at least 2 days and a tail between 0 and 1"
        raise StatisticsError("coverage", expected, f"{len(exceeded)} days and {tail}")
    count = int(exceeded.sum())
    unconditional = _kupiec_ratio(len(exceeded), count, tail)
    clustered = _independence_ratio(exceeded)
    return Coverage(
        days=len(exceeded),
        exceedances=count,
        expected=len(exceeded) * tail,
        kupiec=float(chdtrc(1, unconditional)),
        independence=float(chdtrc(1, clustered)),
        conditional=float(chdtrc(2, unconditional + clustered)),
    )


def _kupiec_ratio(days: int, count: int, tail: float) -> float:
    found = _likelihood(count, days, count / days)
    return max(2 * (found - _likelihood(count, days, tail)), 0.0)


def _independence_ratio(exceeded: NDArray[np.bool_]) -> float:
    before, after = exceeded[:-1], exceeded[1:]
    pairs, count = len(after), int(after.sum())
    following = int((before & after).sum())
    leading = int(before.sum())
    apart = _likelihood(count - following, pairs - leading, None) + _likelihood(
        following, leading, None
    )
    return max(2 * (apart - _likelihood(count, pairs, None)), 0.0)


def _likelihood(hits: int, trials: int, probability: float | None) -> float:
    """Return the logarithm of a likelihood; by default under the frequency that was found."""
    if probability is None:
        probability = hits / trials if trials else 0.0
    total = 0.0
    if hits:
        total += hits * math.log(probability)
    if trials - hits:
        total += (trials - hits) * math.log1p(-probability)
    return total
