"""Value at risk and expected shortfall of a profit, by its history and by two distributions.

Losses are positive. VaR at 99 % is the loss that one observation in a hundred exceeds; CVaR
(expected shortfall) is the mean of that worst hundredth. Of T observations the tail at level a
holds k = (1 - a) T, which need not be whole: VaR is the loss of rank ceil(k), and CVaR weighs that
last loss with what is left of k (R. Rockafellar and S. Uryasev, Conditional value-at-risk for
general loss distributions, Journal of Banking & Finance 26 (2002) 1443-1471). Where k is whole, the
level lies between two losses, and VaR is the larger one.

The parametric figures are those of a normal distribution with mean zero: a mean of a few hundred
days is noise, and hoping for it is no protection. Student's have the same variance and the tails
of `DEGREES` degrees of freedom, which fit daily returns of stocks and of crypto (A. McNeil, R. Frey
and P. Embrechts, Quantitative Risk Management (2015), chapter 6). They are what `monte_carlo` draws
from: the profit of positions in proportion to their returns is then itself a Student variable, so
an order is decided on the simulation's limit without drawing anything.

`decisive` is what orders are decided on: of every figure the worst of the three methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]


class Level(NamedTuple):
    """A level of confidence: what of the distribution is beyond it, and the normal's two figures.

    ``quantile`` is z with P(Z <= z) = level, ``shortfall`` the mean beyond it; of a normal and of a
    Student variable, both with a variance of 1.
    """

    tail_bps: int
    quantile: float
    shortfall: float
    student_quantile: float
    student_shortfall: float


DEGREES = 5
"""Degrees of freedom of the Student distribution."""
LEVELS: dict[int, Level] = {
    95: Level(500, 1.6448536269514722, 2.0627128075074263, 1.5608497583442291, 2.2386842554615196),
    99: Level(100, 2.3263478740408408, 2.665214220345807, 2.606463569384279, 3.4488367600480156),
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


def student(deviation: float, level: Level) -> Tail:
    """Return the tail of a Student profit with mean zero and a standard deviation."""
    return Tail(level.student_quantile * deviation, level.student_shortfall * deviation)


def decisive(profits: Reals, deviation: float, level: Level) -> Tail:
    """Return the worst of the methods: of observed profits (T,), and of their deviation."""
    assumed = worse(parametric(deviation, level), student(deviation, level))
    return worse(historical(profits, level), assumed)


def worse(one: Tail, other: Tail) -> Tail:
    """Return the larger of both figures, each by itself."""
    return Tail(max(one.value_at_risk, other.value_at_risk), max(one.shortfall, other.shortfall))


def scaled(tail: Tail, factor: float) -> Tail:
    """Return the tail of a profit that is so many times as wide."""
    return Tail(factor * tail.value_at_risk, factor * tail.shortfall)
