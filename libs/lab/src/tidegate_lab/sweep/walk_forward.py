"""Walk-forward: choose parameters in a window, judge them right after it, again and again.

1. The days with bars are cut into windows: a sample to choose in, then the days to be judged in.
2. In each sample the whole grid is swept by the machines; the best Sharpe ratio is chosen. Every
   one of those trials is registered.
3. The chosen parameters are played through their sample and on into the days after it, so that
   the strategy is warm there; only those days count. Moving the account from one window's
   position to the next one's costs: at both ends of a window the value held pays the venue's
   fee and slippage in basis points.
4. The days that count, one window after the other, are what would have been earned by somebody
   who had chosen like this: the stitched equity.

The degradation is the stitched Sharpe ratio over the mean of the samples': 1 keeps everything.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_execution.config import VenueSettings
from tidegate_kernel.time import NS_PER_DAY, format_time
from tidegate_lab.backtest.running import run_bars
from tidegate_lab.statistics.curve import DailyReturns
from tidegate_lab.statistics.honest import Honest, honest
from tidegate_lab.statistics.splits import walk_forward_windows
from tidegate_lab.sweep.grid import Value
from tidegate_lab.sweep.identity import data_of, in_memory
from tidegate_lab.sweep.running import Search, Sweep
from tidegate_lab.sweep.trial import days_of, returns_of, with_parameters
from tidegate_market_data.adapters.period import Period

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from tidegate_lab.statistics.splits import Window
    from tidegate_lab.sweep.register import Register
    from tidegate_lab.sweep.results import Results
    from tidegate_lab.sweep.running import Task, Workforce

    Recruit = Callable[[Task], AbstractContextManager[Workforce]]

PLACES = 6


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One window. Sharpe ratios are per year."""

    sample_from: str
    judged_from: str
    judged_to: str
    parameters: dict[str, Value]
    sample_sharpe: float | None
    judged_sharpe: float | None
    judged_return: float
    tried: int


class WalkForward(msgspec.Struct, frozen=True, kw_only=True):
    """What walking forward came to."""

    strategy: str
    windows: tuple[Judged, ...]
    honest: Honest
    """Of the stitched days."""
    sample_sharpe: float | None
    """Mean over the windows, per year."""
    degradation: float | None
    """The stitched Sharpe ratio over it; None where the samples had none above 0."""
    days: tuple[int, ...]
    """The UTC days (since 1970) that count."""
    equity: tuple[float, ...]
    """Stitched, at the end of each of those days; it begins with 1."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How long samples and judged parts are, in days with bars."""

    train: int
    test: int
    anchored: bool = False


def walk_forward(
    task: Task, plan: Plan, books: tuple[Register, Results], recruit: Recruit
) -> WalkForward:
    """Walk; ``recruit`` gives who plays the trials of a window's task."""
    register, results = books
    days = days_of(task.dataset)
    windows = walk_forward_windows(len(days), plan.train, plan.test, anchored=plan.anchored)
    judged: list[Judged] = []
    parts: list[NDArray[np.float64]] = []
    for window in windows:
        sample = _part(task, days, window.first, window.last)
        with recruit(sample) as workforce:
            found = Sweep(sample, register, results).choose(Search(), workforce)
        returns = _judge(task, found.parameters, days, window)
        parts.append(returns)
        year = math.sqrt(
            DailyReturns(days=days[window.first : window.end], values=returns).per_year
        )
        judged.append(
            Judged(
                sample_from=_date(days[window.first]),
                judged_from=_date(days[window.last]),
                judged_to=_date(days[window.end - 1]),
                parameters=found.parameters,
                sample_sharpe=None if found.sharpe is None else round(found.sharpe * year, PLACES),
                judged_sharpe=_sharpe(returns, year),
                judged_return=round(float(np.prod(1 + returns) - 1), PLACES),
                tried=found.tried,
            )
        )
    stitched = np.concatenate(parts)
    counted = days[windows[0].last : windows[-1].end]
    trials = register.beside(data_of(task.dataset))
    whole = honest(DailyReturns(days=counted, values=stitched), trials)
    samples = [each.sample_sharpe for each in judged if each.sample_sharpe is not None]
    mean = float(np.mean(samples)) if samples else None
    kept = None if not mean or mean <= 0 or whole.sharpe is None else whole.sharpe / mean
    return WalkForward(
        strategy=task.session.strategies[0].strategy,
        windows=tuple(judged),
        honest=whole,
        sample_sharpe=None if mean is None else round(mean, PLACES),
        degradation=None if kept is None else round(kept, PLACES),
        days=tuple(counted.tolist()),
        equity=tuple(np.cumprod(1 + stitched).round(PLACES).tolist()),
    )


def _part(task: Task, days: NDArray[np.int64], first: int, last: int) -> Task:
    """Return the task on the bars that start in days [first, last) of ``days``."""
    since_ns = int(days[first]) * NS_PER_DAY
    until_ns = (int(days[last - 1]) + 1) * NS_PER_DAY
    period = {"since": format_time(since_ns), "until": format_time(until_ns)}
    feed = task.session.feed.model_copy(update=period)
    return replace(
        task,
        session=task.session.model_copy(update={"feed": feed}),
        dataset=in_memory(Period(task.dataset, since_ns, until_ns)),
    )


def _judge(
    task: Task, parameters: dict[str, Value], days: NDArray[np.int64], window: Window
) -> NDArray[np.float64]:
    """Return the returns of the days after the sample, moving the account included."""
    played = _part(task, days, window.first, window.end)
    session = with_parameters(played.session, parameters)
    record = run_bars(session, played.dataset, task.engine).record
    returns = np.zeros(window.end - window.last)
    found = returns_of(record, played.dataset)
    places = np.searchsorted(days[window.last : window.end], found.days)
    counts = np.isin(found.days, days[window.last : window.end])
    returns[places[counts]] = found.values[counts]
    accounts: list[AccountSnapshot] = record.of(AccountSnapshot)
    venue = VenueSettings.model_validate(session.venue)
    share = float(venue.fee_bps + venue.slippage_bps) / 10_000
    begins_ns = (int(days[window.last - 1]) + 1) * NS_PER_DAY
    for place, at_ns in ((0, begins_ns), (-1, played.dataset.last_ns + 1)):
        known = [each for each in accounts if each.event_at_ns <= at_ns]
        held = abs(float(known[-1].positions_value / known[-1].equity))
        returns[place] = (1 + returns[place]) * (1 - held * share) - 1
    return returns


def _sharpe(returns: NDArray[np.float64], year: float) -> float | None:
    deviation = float(returns.std())
    return round(float(returns.mean()) / deviation * year, PLACES) if deviation > 0 else None


def _date(day: int) -> str:
    return format_time(int(day) * NS_PER_DAY)[:10]
