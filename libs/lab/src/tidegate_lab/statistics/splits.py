"""Splits of time that keep the future out of the sample.

Walk-forward: a window to learn in, the window right after it to be judged in, again and again.
Combinatorial purged cross-validation: the observations are cut into folds, every choice of test
folds is judged by what was learned in the rest, and observations next to a test fold are purged
(M. López de Prado, Advances in Financial Machine Learning, 2018, chapter 12). The splitting is
skfolio's, which takes seconds to import: only here, and only when asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate_lab.statistics.errors import StatisticsError
from tidegate_lab.statistics.sharpe import moments_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDS = 10
TEST_FOLDS = 2


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Observations [first, last) to learn from, then [last, end) to be judged in."""

    first: int
    last: int
    end: int


class CrossValidation(msgspec.Struct, frozen=True, kw_only=True):
    """What choosing the best trial was worth on paths that the choice had not seen."""

    splits: int
    path_sharpes: tuple[float, ...]
    """Per observation: one for each path through all observations."""
    mean_sharpe: float
    losing_share: float
    """Share of the paths that lost."""


def walk_forward_windows(
    count: int, train: int, test: int, *, anchored: bool = False
) -> tuple[Window, ...]:
    """Return the windows over ``count`` observations; with ``anchored`` all begin at the first."""
    if train < 1 or test < 1 or count < train + test:
        expected = f"at least {max(train, 1) + max(test, 1)} observations for one window"
        raise StatisticsError("walk-forward", expected, f"{count}, train {train}, test {test}")
    from skfolio.model_selection import WalkForward  # noqa: PLC0415 - see the module

    splitter = WalkForward(
        train_size=train, test_size=test, expand_train=anchored, reduce_test=True
    )
    return tuple(
        Window(first=int(learn[0]), last=int(judge[0]), end=int(judge[-1]) + 1)
        for learn, judge in splitter.split(np.zeros((count, 1)))
    )


def cross_validate(
    returns: NDArray[np.float64],
    *,
    folds: int = FOLDS,
    test_folds: int = TEST_FOLDS,
    purged: int = 1,
) -> CrossValidation:
    """Choose the best of ``returns`` (trials, observations) in every split and judge it outside.

    ``purged`` observations on both sides of a test fold are left out of the sample.
    """
    if len(returns) == 0 or returns.shape[1] < folds * (2 * purged + 4):
        expected = f"(trials >= 1, observations >= {folds * (2 * purged + 4)})"
        raise StatisticsError("cross-validation", expected, str(returns.shape))
    from skfolio.model_selection import CombinatorialPurgedCV  # noqa: PLC0415 - see the module

    splitter = CombinatorialPurgedCV(
        n_folds=folds, n_test_folds=test_folds, purged_size=purged, embargo_size=purged
    )
    path_of = splitter.get_path_ids()
    paths = np.zeros((int(path_of.max()) + 1, returns.shape[1]))
    for split, (learn, judged) in enumerate(splitter.split(returns.T)):
        best = int(np.argmax(_sharpes(returns[:, learn])))
        for number, fold in enumerate(judged):
            paths[path_of[split, number], fold] = returns[best, fold]
    sharpes = _sharpes(paths)
    return CrossValidation(
        splits=len(path_of),
        path_sharpes=tuple(sharpes.tolist()),
        mean_sharpe=float(sharpes.mean()),
        losing_share=float(np.mean(sharpes < 0)),
    )


def _sharpes(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([moments_of(row).sharpe for row in rows])
