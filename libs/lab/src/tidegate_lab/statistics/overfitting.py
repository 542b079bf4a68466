"""The probability that choosing the best back-test means choosing an overfitted one.

Combinatorially symmetric cross-validation (D. Bailey, J. Borwein, M. López de Prado and Q. Zhu,
The Probability of Backtest Overfitting, 2015):

1. The observations are cut into an even number S of blocks that follow each other.
2. Each of the C(S, S/2) ways to take half of the blocks is once the sample; the rest is the future.
3. The trial with the best Sharpe ratio in the sample has a rank among all trials in the future;
   omega = rank / (trials + 1), and its logit ln(omega / (1 - omega)) is below 0 where the chosen
   one does worse than the median.
4. The probability of overfitting is the share of the ways with a logit below 0.

Sharpe ratios of unions of blocks come from sums over blocks, so that 1,000 trials take a second.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate_lab.statistics.errors import StatisticsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCKS = 16
_WAYS_AT_A_TIME = 512


class Overfitting(msgspec.Struct, frozen=True, kw_only=True):
    """How choosing the best in one half fared in the other."""

    probability: float
    """Share of the ways in which the chosen trial was below the median of the future."""
    loss_probability: float
    """Share of the ways in which the chosen trial lost money in the future."""
    degradation: float
    """Slope of the future's Sharpe ratio over the sample's: 1 keeps everything, 0 nothing."""
    ways: int
    logits: tuple[float, ...]


def probability_of_overfitting(returns: NDArray[np.float64], blocks: int = BLOCKS) -> Overfitting:
    """Judge a choice among trials: ``returns`` is (trials, observations), all of the same times.

    At least 2 trials, an even number of blocks and an observation for each block are needed.
    """
    _check(returns, blocks)
    sizes, sums, squares = _block_sums(returns, blocks)
    chosen_sharpes, future_sharpes, logits, losses = [], [], [], 0
    for sample in _ways(blocks):
        inside = _sharpes(sample, sizes, sums, squares)
        outside = _sharpes(~sample, sizes, sums, squares)
        best = np.argmax(inside, axis=1)[:, None]
        future = np.take_along_axis(outside, best, axis=1)
        # The mean rank of equals, as a rank of statistics; 1 is the worst.
        below = (outside < future).sum(axis=1)
        equal = (outside == future).sum(axis=1)
        omega = (below + (equal + 1) / 2) / (len(returns) + 1)
        logits.append(np.log(omega / (1 - omega)))
        chosen_sharpes.append(np.take_along_axis(inside, best, axis=1)[:, 0])
        future_sharpes.append(future[:, 0])
        losses += int((future < 0).sum())
    logit = np.concatenate(logits)
    return Overfitting(
        probability=float(np.mean(logit < 0)),
        loss_probability=losses / len(logit),
        degradation=_slope(np.concatenate(chosen_sharpes), np.concatenate(future_sharpes)),
        ways=len(logit),
        logits=tuple(logit.tolist()),
    )


def _check(returns: NDArray[np.float64], blocks: int) -> None:
    if blocks < 2 or blocks % 2:  # noqa: PLR2004 - two halves
        raise StatisticsError("overfitting", "an even number of blocks", str(blocks))
    if returns.ndim != 2 or len(returns) < 2 or returns.shape[1] < blocks:  # noqa: PLR2004
        expected = f"(trials >= 2, observations >= {blocks})"
        raise StatisticsError("overfitting", expected, str(returns.shape))
    if not np.isfinite(returns).all():
        raise StatisticsError("overfitting", "finite returns", "infinite ones or none")


def _block_sums(
    returns: NDArray[np.float64], blocks: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return each block's size, and the sums and the sums of squares (blocks, trials)."""
    parts = np.array_split(returns, blocks, axis=1)
    sizes = np.array([part.shape[1] for part in parts], dtype=np.float64)
    sums = np.array([part.sum(axis=1) for part in parts])
    squares = np.array([(part**2).sum(axis=1) for part in parts])
    return sizes, sums, squares


def _ways(blocks: int) -> list[NDArray[np.bool_]]:
    """Return every choice of half of the blocks as rows of truth, some hundred at a time."""
    chosen = np.array(list(combinations(range(blocks), blocks // 2)))
    rows = np.zeros((len(chosen), blocks), dtype=np.bool_)
    np.put_along_axis(rows, chosen, values=True, axis=1)
    return [rows[at : at + _WAYS_AT_A_TIME] for at in range(0, len(rows), _WAYS_AT_A_TIME)]


def _sharpes(
    chosen: NDArray[np.bool_],
    sizes: NDArray[np.float64],
    sums: NDArray[np.float64],
    squares: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the Sharpe ratios (ways, trials) over the chosen blocks; 0 where nothing moved.

    They are rounded, so that trials that did the same in these blocks are equal, however their
    sums were rounded: the first of equals is chosen, and equals share their rank.
    """
    weights = chosen.astype(np.float64)
    count = (weights @ sizes)[:, None]
    mean = (weights @ sums) / count
    square = (weights @ squares) / count
    variance = square - mean**2
    moved = variance > _ROUNDING * square
    sharpes: NDArray[np.float64] = np.where(moved, mean / np.sqrt(np.where(moved, variance, 1)), 0)
    return sharpes.round(_PLACES)


_PLACES = 12
_ROUNDING = 1e-12
"""A variance below this share of the mean square is what rounding left of none."""


def _slope(sample: NDArray[np.float64], future: NDArray[np.float64]) -> float:
    spread = float(np.var(sample))
    if spread == 0:
        return 0.0
    return float(np.mean((sample - sample.mean()) * (future - future.mean())) / spread)
