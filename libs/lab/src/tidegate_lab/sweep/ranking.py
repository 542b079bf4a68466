"""The best trials, and beside every Sharpe ratio what it is worth.

The order is by the Sharpe ratio; equal ones by the grid. What costs time (bootstrap, neighbours,
shuffles) is computed for the best, and so named.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate_lab.backtest.sensitivity import CostSensitivity, per_year
from tidegate_lab.statistics.curve import DailyReturns
from tidegate_lab.statistics.errors import StatisticsError
from tidegate_lab.statistics.honest import Honest, Trials, honest
from tidegate_lab.statistics.overfitting import (
    BLOCKS,
    Overfitting,
    probability_of_overfitting,
)
from tidegate_lab.statistics.plateau import Plateau, plateau_of
from tidegate_lab.statistics.splits import CrossValidation, cross_validate
from tidegate_lab.statistics.trade_order import TradeOrder, shuffle_trades
from tidegate_lab.sweep.grid import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tidegate_lab.statistics.plateau import Point
    from tidegate_lab.sweep.trial import TrialResult

SHOWN = 20
PLACES = 6


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """A trial in its place."""

    rank: int
    parameters: dict[str, Value]
    honest: Honest
    plateau: Plateau | None
    trades: int
    fills: int
    final_equity: str
    fees: str
    max_drawdown: str
    orders_hash: str
    ledger_hash: str


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What choosing the best of these trials is worth."""

    overfitting: float | None
    """Probability of back-test overfitting (CSCV)."""
    loss_probability: float | None
    """Share of the ways in which the chosen one lost money afterwards."""
    degradation: float | None
    """Slope of the Sharpe ratio afterwards over the one before."""
    blocks: int
    screened: bool
    """Whether it is judged by the screen's estimates of all trials, not by the machines' results
    of those that the screen let through."""
    cross_validated_sharpe: float | None
    """Per year: mean over the paths of combinatorial purged cross-validation."""
    cross_validated_losing: float | None
    """Share of those paths that lost."""
    missing: tuple[str, ...] = ()
    """Why numbers are None."""


def rank(
    done: Mapping[Point, TrialResult],
    days: NDArray[np.int64],
    trials: Trials,
    shown: int = SHOWN,
) -> list[Ranked]:
    """Return the best ``shown`` trials; ``days`` are those of every trial's returns."""
    sharpes = {point: each.sharpe or 0.0 for point, each in done.items()}
    best = sorted(done, key=lambda point: (-sharpes[point], point))[:shown]
    return [
        Ranked(
            rank=number,
            parameters=done[point].parameters,
            honest=honest(DailyReturns(days=days, values=np.array(done[point].returns)), trials),
            plateau=plateau_of(sharpes, point),
            trades=done[point].trades,
            fills=done[point].fills,
            final_equity=done[point].final_equity,
            fees=done[point].fees,
            max_drawdown=done[point].max_drawdown,
            orders_hash=done[point].orders_hash,
            ledger_hash=done[point].ledger_hash,
        )
        for number, point in enumerate(best, start=1)
    ]


def judge_choice(
    returns: NDArray[np.float64], days: NDArray[np.int64], *, screened: bool
) -> Choice:
    """Judge the choosing itself, by what the chosen would have done on days not looked at.

    ``returns`` (trials, days) are those of everything among which was chosen.
    """
    missing: list[str] = []
    overfitting: Overfitting | None = None
    validated: CrossValidation | None = None
    try:
        overfitting = probability_of_overfitting(returns, BLOCKS)
    except StatisticsError as lacking:
        missing.append(str(lacking))
    try:
        validated = cross_validate(returns)
    except StatisticsError as lacking:
        missing.append(str(lacking))
    year = math.sqrt(DailyReturns(days=days, values=returns[0]).per_year)
    return Choice(
        overfitting=None if overfitting is None else round(overfitting.probability, PLACES),
        loss_probability=(
            None if overfitting is None else round(overfitting.loss_probability, PLACES)
        ),
        degradation=None if overfitting is None else round(overfitting.degradation, PLACES),
        blocks=BLOCKS,
        screened=screened,
        cross_validated_sharpe=(
            None if validated is None else round(validated.mean_sharpe * year, PLACES)
        ),
        cross_validated_losing=(
            None if validated is None else round(validated.losing_share, PLACES)
        ),
        missing=tuple(missing),
    )


def cost_sensitivity_of(
    result: TrialResult, doubled: TrialResult, days: NDArray[np.int64]
) -> CostSensitivity:
    """Compare a trial with the same at doubled costs, on the same days."""
    in_a_year = DailyReturns(days=days, values=np.array(result.returns)).per_year
    return CostSensitivity(
        sharpe=per_year(result.sharpe, in_a_year),
        sharpe_doubled=per_year(doubled.sharpe, in_a_year),
        final_equity=result.final_equity,
        final_equity_doubled=doubled.final_equity,
        fees=result.fees,
        fees_doubled=doubled.fees,
    )


def trade_order_of(result: TrialResult) -> TradeOrder | None:
    """Shuffle a trial's trades; None when it has none."""
    if not result.trade_returns:
        return None
    return shuffle_trades(np.array(result.trade_returns))
