"""Screens many trials on all processors, and says what the screen cannot know.

Every result is marked ``screened``: it is an estimate by which trials are chosen for the machines,
never a ranking that anybody should trade on. Each screened trial counts as a trial.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tidegate_chassis.configuration.entries import EntryConfiguration
from tidegate_execution.carry_settings import CarrySettings
from tidegate_execution.config import VenueSettings
from tidegate_kernel.time import parse_duration
from tidegate_lab.backtest.errors import OptionError
from tidegate_lab.statistics.sharpe import OBSERVATIONS_MIN, moments_of
from tidegate_lab.sweep.grid import Value
from tidegate_lab.sweep.screen.market import costs_of, market_of
from tidegate_lab.sweep.trial import days_of, with_parameters
from tidegate_signals.core.strategies import definition_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_chassis.configuration import Session
    from tidegate_lab.statistics.plateau import Point
    from tidegate_lab.sweep.grid import Grid
    from tidegate_market_data.adapters.dataset import Dataset

LENGTHS = {"ema-crossover": ("fast", "slow"), "donchian-breakout": ("entry", "exit")}
"""The strategies that the kernel follows, in the order of its kinds, and their lengths."""


class Screened(msgspec.Struct, frozen=True, kw_only=True):
    """The estimate of one trial."""

    parameters: dict[str, Value]
    screened: bool = True
    """Always: nobody should take this for what the machines would say."""
    sharpe: float | None
    """Per day."""
    final_equity: float
    fees: float
    fills: int


class Estimate(NamedTuple):
    """A screened trial, and its returns of each UTC day with bars."""

    screened: Screened
    returns: NDArray[np.float64]


def screen(
    session: Session, dataset: Dataset, grid: Grid, points: Sequence[Point]
) -> list[Estimate]:
    """Estimate the trials at ``points``; what the kernel does not know is an `OptionError`."""
    from tidegate_lab.sweep.screen.kernel import Averages, screen_trial  # noqa: PLC0415 - compiles

    _check_venue(session, dataset)
    name = session.strategies[0].strategy
    kind = _kind_of(name)
    market, costs, days = market_of(dataset), costs_of(session), len(days_of(dataset))
    averages = Averages(market)

    def estimate(point: Point) -> Estimate:
        parameters = grid.parameters(point)
        first, second = _lengths(session, parameters)
        told = np.full(days, np.nan)
        fees, fills = screen_trial(market, averages, costs, (kind, first, second), told)
        returns = _returns(told, costs.capital)
        screened = Screened(
            parameters=parameters,
            sharpe=moments_of(returns).sharpe if days >= OBSERVATIONS_MIN else None,
            final_equity=float(told[-1]),
            fees=fees,
            fills=fills,
        )
        return Estimate(screened, returns)

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
        return list(threads.map(estimate, points))


def _returns(told: NDArray[np.float64], capital: float) -> NDArray[np.float64]:
    """Return each day's return; a day without a look has none."""
    known = np.maximum.accumulate(np.where(np.isnan(told), -1, np.arange(len(told))))
    ends = np.where(known >= 0, told[known], capital)
    ends = np.where(np.minimum.accumulate(ends) > 0, ends, 0.0)
    before = np.concatenate([[capital], ends[:-1]])
    grown: NDArray[np.float64] = np.divide(ends, before, out=np.ones_like(ends), where=before > 0)
    return grown - 1


def _lengths(session: Session, parameters: dict[str, Value]) -> tuple[int, int]:
    """Return the two lengths; every other parameter must have the value that the kernel knows."""
    (strategy,) = with_parameters(session, parameters).strategies
    definition = definition_of(strategy.strategy)
    given = definition.parse(strategy.parameters)
    first, second = LENGTHS[strategy.strategy]
    if strategy.entry not in (None, EntryConfiguration(style="market")):
        expected = "no entry: the screen knows market orders, long or flat, no stops"
        raise OptionError("--screen", expected, f"entry.style={strategy.entry.style}")
    for name, default in definition.defaults.items():
        found = getattr(given, name)
        if name not in {first, second} and found != default:
            expected = f"{name} {default}: the screen knows market orders, long or flat, no stops"
            raise OptionError("--screen", expected, str(found))
    return getattr(given, first), getattr(given, second)


def _kind_of(name: str) -> int:
    if name not in LENGTHS:
        raise OptionError("--screen", f"one of {', '.join(LENGTHS)}", name)
    return list(LENGTHS).index(name)


def _check_venue(session: Session, dataset: Dataset) -> None:
    venue = VenueSettings.model_validate(session.venue)
    if venue.volume_share:
        raise OptionError("--screen", "a venue without a volume_share", str(venue.volume_share))
    if venue.fee_per_contract:
        found = str(venue.fee_per_contract)
        raise OptionError("--screen", "a venue without a fee_per_contract", found)
    if venue.carry != CarrySettings():
        given = ", ".join(sorted(venue.carry.model_fields_set))
        raise OptionError("--screen", "a venue where holding costs nothing, without carry", given)
    if venue.latency != "0" and parse_duration(venue.latency) >= dataset.timeframe_ns:
        raise OptionError("--screen", "a latency below one bar", venue.latency)
