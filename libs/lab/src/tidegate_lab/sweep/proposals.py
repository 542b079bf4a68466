"""Which points of a grid to try, in which order: all, some at random, or where Optuna looks.

Points come in batches; the next batch may depend on the results of the earlier ones, and on
nothing else, so the order in which workers finish changes nothing. Points that the strategy
refuses (a fast average that is slower than the slow one) are counted and left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from tidegate_lab.backtest.errors import OptionError
from tidegate_lab.sweep.trial import with_parameters
from tidegate_signals.core.strategies import definition_of
from tidegate_signals.core.strategies.definition import StrategyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tidegate_chassis.configuration import Session
    from tidegate_lab.statistics.plateau import Point
    from tidegate_lab.sweep.grid import Grid

OPTUNA_BATCH = 8
"""Points that Optuna proposes before it sees their results, however many workers there are."""


class Proposals(Protocol):
    """Proposes batches of points until there is nothing more to try."""

    def next(self, sharpes: Mapping[Point, float]) -> Sequence[Point]:
        """Return the next points, knowing the Sharpe ratios of all earlier ones; () at the end."""
        ...


class EachOnce:
    """Every point that is given, in one batch."""

    def __init__(self, points: Sequence[Point]) -> None:
        """Propose these."""
        self._points: Sequence[Point] = points

    def next(self, sharpes: Mapping[Point, float]) -> Sequence[Point]:
        """Return all points, then none."""
        points, self._points = self._points, ()
        return points


class OptunaProposals:
    """Points where Optuna's tree-structured Parzen estimator expects the most."""

    def __init__(self, grid: Grid, valid: Sequence[Point], count: int, seed: int) -> None:
        """Propose at most ``count`` different points of ``valid``."""
        import optuna  # noqa: PLC0415 - it takes a second to import, and few sweeps ask it

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._pruned = optuna.trial.TrialState.PRUNED
        self._study = optuna.create_study(
            direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed)
        )
        self._axes = {axis.name: len(axis.values) for axis in grid.axes}
        self._valid = frozenset(valid)
        self._left = min(count, len(valid))
        self._asked: list[tuple[Point, list[int]]] = []
        self._seen: set[Point] = set()

    def next(self, sharpes: Mapping[Point, float]) -> Sequence[Point]:
        """Tell Optuna what came of the last batch and ask for another."""
        for point, numbers in self._asked:
            for number in numbers:
                self._study.tell(number, sharpes[point])
        batch: dict[Point, list[int]] = {}
        wanted = min(OPTUNA_BATCH, self._left)
        for _ in range(_ASKS_MAX):
            if len(batch) == wanted:
                break
            trial = self._study.ask()
            places = (
                (name, trial.suggest_int(name, 0, size - 1)) for name, size in self._axes.items()
            )
            point = tuple(place for _, place in places)
            if point not in self._valid:
                self._study.tell(trial, state=self._pruned)
            elif point in self._seen:
                self._study.tell(trial, sharpes[point])
            else:
                batch.setdefault(point, []).append(trial.number)
        self._asked = list(batch.items())
        self._seen |= set(batch)
        self._left -= len(batch)
        return tuple(batch)


_ASKS_MAX = 100
"""A batch is smaller when so many asks give nothing new: Optuna has settled."""


def valid_points(grid: Grid, session: Session) -> list[Point]:
    """Return the points that the session's strategy takes; none is an `OptionError`."""
    (strategy,) = session.strategies
    definition = definition_of(strategy.strategy)
    valid: list[Point] = []
    refusal = ""
    for point in grid.points():
        try:
            changed = with_parameters(session, grid.parameters(point)).strategies[0]
            definition.parse(changed.parameters)
        except (StrategyError, OptionError) as error:
            refusal = refusal or str(error)
        else:
            valid.append(point)
    if not valid:
        raise OptionError("--grid", "a point that the strategy takes", refusal)
    return valid


def some_of(valid: Sequence[Point], count: int, seed: int) -> list[Point]:
    """Return ``count`` points drawn without replacement, in the order of the grid."""
    chosen = np.random.default_rng(seed).choice(len(valid), min(count, len(valid)), replace=False)
    return [valid[place] for place in sorted(chosen.tolist())]
