"""Plays a sweep: proposes points, has them tried, registers every trial, ranks the best.

Who tries the points is the caller's choice: this process (`here`), or workers on this machine and
others (`tidegate_lab.sweep.workers`). The result is the same, bit for bit.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec
import numpy as np

from tidegate_lab.backtest.engines import DEFAULT_ENGINE, engine_of
from tidegate_lab.backtest.errors import OptionError
from tidegate_lab.backtest.sensitivity import CostSensitivity, with_doubled_costs
from tidegate_lab.statistics.curve import DailyReturns
from tidegate_lab.statistics.trade_order import TradeOrder
from tidegate_lab.sweep.identity import Data, code_version, data_of, trial_key
from tidegate_lab.sweep.plateau_map import PlateauMap
from tidegate_lab.sweep.proposals import EachOnce, OptunaProposals, some_of, valid_points
from tidegate_lab.sweep.ranking import (
    Choice,
    Ranked,
    cost_sensitivity_of,
    judge_choice,
    rank,
    trade_order_of,
)
from tidegate_lab.sweep.register import Head, Register, Tried
from tidegate_lab.sweep.screen.screening import Estimate, Screened, screen
from tidegate_lab.sweep.supply import Supply
from tidegate_lab.sweep.trial import TrialResult, days_of, run_trial, with_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tidegate_chassis.configuration import Session
    from tidegate_lab.statistics.plateau import Point
    from tidegate_lab.sweep.grid import Grid, Value
    from tidegate_lab.sweep.proposals import Proposals
    from tidegate_lab.sweep.results import Results
    from tidegate_market_data.adapters.dataset import Dataset


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is swept: one strategy's parameters, everything else held."""

    session: Session
    dataset: Dataset
    grid: Grid
    engine: str = DEFAULT_ENGINE

    def __post_init__(self) -> None:
        """Refuse what cannot be swept."""
        engine_of(self.engine)
        if len(self.session.strategies) != 1:
            found = str(len(self.session.strategies))
            raise OptionError("--strategy", "one strategy", found, "sweep one after the other")


SCREEN_KEEPS = 50
"""So many of the best estimates are played by the machines."""


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """Which points are tried: all, ``random`` many, or as many as ``optuna`` is asked for."""

    random: int = 0
    optuna: int = 0
    seed: int = 0
    screen: int = 0
    """If any: estimate all of them first, and have the machines play only the best so many."""

    def proposals(self, grid: Grid, valid: Sequence[Point]) -> Proposals:
        """Return who proposes."""
        if self.optuna and (self.screen or self.random):
            found = "--screen" if self.screen else "--random"
            raise OptionError("--optuna", "to choose the points alone", found)
        if self.optuna:
            return OptunaProposals(grid, valid, self.optuna, self.seed)
        return EachOnce(some_of(valid, self.random, self.seed) if self.random else valid)


class Workforce(Protocol):
    """Tries points."""

    def work(self, supply: Supply, take: Callable[[Point, TrialResult], None]) -> None:
        """Try everything in ``supply``, calling ``take`` for each result."""
        ...


class SweepResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep found."""

    strategy: str
    data: Data
    engine: str
    points: int
    """In the grid."""
    refused: int
    """Points that the strategy does not take."""
    tried: int
    """Different trials of this sweep, by the machines; only they are ranked."""
    screened: int
    """Trials that were estimated by the screen."""
    estimates: tuple[Screened, ...]
    """The screen's estimates of those that it let through, best first."""
    resumed: int
    """Of those, taken from the run folder."""
    trials: int
    """Different trials ever run on these data, screened ones included."""
    trials_variance: float
    """Of their Sharpe ratios per day."""
    register: Head
    best: tuple[Ranked, ...]
    choice: Choice
    costs: CostSensitivity | None
    """Of the best: fees and slippage doubled, played again by the machines."""
    trade_order: TradeOrder | None
    """Of the best: its trades in other orders."""


class Chosen(NamedTuple):
    """The best trial of a sweep: its Sharpe ratio is per day."""

    parameters: dict[str, Value]
    sharpe: float | None
    tried: int


class Here:
    """Tries points in this process, one after the other."""

    def __init__(self, task: Task) -> None:
        """Work on this task."""
        self._task = task

    def work(self, supply: Supply, take: Callable[[Point, TrialResult], None]) -> None:
        """Try everything."""
        task = self._task
        while (point := supply.give("here", 0)) is not None:
            parameters = task.grid.parameters(point)
            take(point, run_trial(task.session, task.dataset, task.engine, parameters))


class Sweep:
    """One sweep with its register and its run folder."""

    def __init__(self, task: Task, register: Register, results: Results) -> None:
        """Prepare; nothing is played yet."""
        self._task = task
        self._register = register
        self._results = results
        self._data = data_of(task.dataset)
        self._version = code_version(task.session, task.dataset)
        self.valid = valid_points(task.grid, task.session)
        self.done: dict[Point, TrialResult] = {}
        self._estimates: dict[Point, Estimate] = {}
        self._resumed = 0
        self.screen_s: float | None = None
        """How long the screen's estimates took, if there were any."""

    def run(self, search: Search, workforce: Workforce, said: Callable[[int], None]) -> SweepResult:
        """Try what ``search`` proposes and judge it; ``said`` hears how many trials are done."""
        self._play(search, workforce, said)
        return self._conclude()

    def plateau_map(self) -> PlateauMap:
        """Return the map of all that was tried; of the screen's estimates where there are any."""
        if self._estimates:
            sharpes = {point: e.screened.sharpe for point, e in self._estimates.items()}
        else:
            sharpes = {point: result.sharpe for point, result in self.done.items()}
        days = days_of(self._task.dataset)
        per_year = DailyReturns(days=days, values=np.zeros(len(days))).per_year
        screened = bool(self._estimates)
        return PlateauMap(self._task.grid, sharpes, per_year=per_year, screened=screened)

    def choose(self, search: Search, workforce: Workforce) -> Chosen:
        """Try what ``search`` proposes and return the best, unjudged."""
        self._play(search, workforce, lambda _: None)
        best = self.done[self._first()]
        return Chosen(best.parameters, best.sharpe, len(self.done))

    def _play(self, search: Search, workforce: Workforce, said: Callable[[int], None]) -> None:
        proposals = search.proposals(self._task.grid, self.valid)
        if search.screen:
            proposals = EachOnce(self._screen(proposals.next({}), search.screen))
        while points := proposals.next({p: r.sharpe or 0.0 for p, r in self.done.items()}):
            self._try(points, workforce, said)

    def _try(
        self, points: Sequence[Point], workforce: Workforce, said: Callable[[int], None]
    ) -> None:
        fresh = []
        for point in points:
            known = self._results.find(self._key(point))
            if known is None:
                fresh.append(point)
            else:
                self._keep(point, known)
                self._resumed += 1
        supply = Supply(fresh)

        def take(point: Point, result: TrialResult) -> None:
            if supply.take(point, result):
                self._keep(point, result)
                self._results.add(self._key(point), result)
                said(len(self.done))

        said(len(self.done))
        if fresh:
            workforce.work(supply, take)
        assert supply.is_done, "a workforce leaves nothing undone"

    def _screen(self, points: Sequence[Point], count: int) -> list[Point]:
        """Estimate trials, register them, and return the best ``count``."""
        task = self._task
        screen(task.session, task.dataset, task.grid, points[:1])  # compiles, the first time
        started_s = time.perf_counter()
        found = screen(task.session, task.dataset, task.grid, points)
        self.screen_s = time.perf_counter() - started_s
        self._estimates = dict(zip(points, found, strict=True))
        self._register.add(
            [
                self._tried(point, "screened", estimate.screened.sharpe)
                for point, estimate in self._estimates.items()
            ]
        )
        return self._best_estimates()[:count]

    def _best_estimates(self) -> list[Point]:
        estimates = self._estimates
        return sorted(estimates, key=lambda p: (-(estimates[p].screened.sharpe or 0.0), p))

    def _keep(self, point: Point, result: TrialResult) -> None:
        """Register a trial before anybody can see what came of it."""
        self._register.add([self._tried(point, "exact", result.sharpe)])
        self.done[point] = result

    def _tried(self, point: Point, kind: str, sharpe: float | None) -> Tried:
        return Tried(
            key=self._key(point),
            kind=kind,
            version=self._version,
            strategy=self._task.session.strategies[0].strategy,
            parameters=self._task.grid.parameters(point),
            data=self._data,
            sharpe=sharpe,
        )

    def _key(self, point: Point) -> str:
        task = self._task
        session = with_parameters(task.session, task.grid.parameters(point))
        return trial_key(session, self._data)

    def _conclude(self) -> SweepResult:
        task = self._task
        days = days_of(task.dataset)
        trials = self._register.beside(self._data)
        best = rank(self.done, days, trials)
        chosen = self.done[self._first()]
        doubled = run_trial(
            with_doubled_costs(task.session), task.dataset, task.engine, chosen.parameters
        )
        return SweepResult(
            strategy=task.session.strategies[0].strategy,
            data=self._data,
            engine=task.engine,
            points=task.grid.size,
            refused=task.grid.size - len(self.valid),
            tried=len(self.done),
            screened=len(self._estimates),
            estimates=tuple(
                self._estimates[p].screened for p in self._best_estimates() if p in self.done
            ),
            resumed=self._resumed,
            trials=trials.count,
            trials_variance=trials.variance,
            register=self._register.head,
            best=tuple(best),
            choice=judge_choice(self._all_returns(), days, screened=bool(self._estimates)),
            costs=cost_sensitivity_of(chosen, doubled, days),
            trade_order=trade_order_of(chosen),
        )

    def _first(self) -> Point:
        """Return the point with the best Sharpe ratio; of equals the first of the grid."""
        return min(self.done, key=lambda point: (-(self.done[point].sharpe or 0.0), point))

    def _all_returns(self) -> NDArray[np.float64]:
        """Return the daily returns of everything among which was chosen."""
        if self._estimates:
            return np.array([self._estimates[point].returns for point in sorted(self._estimates)])
        return np.array([self.done[point].returns for point in sorted(self.done)])
