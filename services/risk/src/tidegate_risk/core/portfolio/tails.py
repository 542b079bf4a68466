"""Value at risk and expected shortfall of a profit and loss, by its history and by its variance.

Losses are positive. VaR at 99 % is the loss that one observation in a hundred exceeds; CVaR
(expected shortfall) is the mean of that worst hundredth. Of T observations the tail at level a
holds k = (1 - a) T, which need not be whole: VaR is the loss of rank ceil(k), and CVaR weighs that
last loss with what is left of k (R. Rockafellar and S. Uryasev, Conditional value-at-risk for
general loss distributions, Journal of Banking & Finance 26 (2002) 1443-1471).

The parametric figures are those of a normal distribution with mean zero: a mean of a few hundred
days is noise, and hoping for it is no protection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]


class Level(NamedTuple):
    """A level of confidence: what of the distribution is beyond it, and the normal's two figures.

    ``quantile`` is z with P(Z <= z) = level; ``shortfall`` is the normal density there over the
    tail's weight.
    """

    tail_bps: int
    quantile: float
    shortfall: float


LEVELS: dict[int, Level] = {
    95: Level(500, 1.6448536269514722, 2.0627128075074263),
    99: Level(100, 2.3263478740408408, 2.665214220345807),
}
"""By percent of confidence."""
_WHOLE_BPS = 10_000


class Tail(NamedTuple):
    """What may be lost: at the level, and on average beyond it. Never below zero."""

    value_at_risk: float
    shortfall: float


NOTHING = Tail(0.0, 0.0)


def historical(profits: Reals, level: Level) -> Tail:
    """Return the tail of observed profits (T,), T at least 1."""
    weight = len(profits) * level.tail_bps / _WHOLE_BPS
    rank = -(-len(profits) * level.tail_bps // _WHOLE_BPS) - 1
    worst = np.partition(profits, rank)[: rank + 1]
    last = float(worst[rank])
    beyond = float(worst[:rank].sum()) + (weight - rank) * last
    return Tail(max(-last, 0.0), max(-beyond / weight, 0.0))


def parametric(deviation: float, level: Level) -> Tail:
    """Return the tail of a normal profit with mean zero and a standard deviation."""
    return Tail(level.quantile * deviation, level.shortfall * deviation)


def worse(one: Tail, other: Tail) -> Tail:
    """Return the larger of both figures, each by itself."""
    return Tail(max(one.value_at_risk, other.value_at_risk), max(one.shortfall, other.shortfall))


def scaled(tail: Tail, factor: float) -> Tail:
    """Return the tail of a profit that is so many times as wide."""
    return Tail(factor * tail.value_at_risk, factor * tail.shortfall)
