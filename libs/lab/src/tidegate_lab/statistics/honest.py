"""What is said beside every Sharpe ratio: how sure it is, and how many were tried to find it.

Numbers in `Honest` are per year where a person reads them so (Sharpe ratios, their error and
interval); probabilities are of 1. What cannot be computed is None, and ``missing`` says why.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate_lab.statistics.bootstrap import sharpe_interval
from tidegate_lab.statistics.errors import StatisticsError
from tidegate_lab.statistics.sharpe import (
    deflated_sharpe,
    minimum_track_record,
    moments_of,
    probabilistic_sharpe,
    standard_error,
)

if TYPE_CHECKING:
    from tidegate_lab.statistics.curve import DailyReturns

PLACES = 6


class Trials(msgspec.Struct, frozen=True, kw_only=True):
    """How many trials were run on the data, and how their Sharpe ratios per day spread."""

    count: int = 1
    variance: float = 0.0


class Honest(msgspec.Struct, frozen=True, kw_only=True):
    """The Sharpe ratio of a run and what belongs beside it."""

    observations: int
    """Daily returns."""
    per_year: float | None
    """Observations in a year."""
    sharpe: float | None
    """Per year."""
    standard_error: float | None
    """Of the Sharpe ratio, per year."""
    low: float | None
    """Lower end of the 95 % bootstrap interval of the Sharpe ratio, per year."""
    high: float | None
    """Upper end of it."""
    probabilistic_sharpe: float | None
    """Probability that the true Sharpe ratio is above 0, were this the only trial."""
    trials: int
    """Different trials ever run on these data, this one included."""
    deflated_sharpe: float | None
    """Probability that it is above what luck reaches in so many trials."""
    track_record_years: float | None
    """How long it takes to prove, at 95 %, that it is above 0; None: for ever."""
    missing: str = ""
    """Why numbers are None."""


def honest(returns: DailyReturns, trials: Trials, *, seed: int = 0) -> Honest:
    """Judge daily returns found as one of ``trials``."""
    try:
        moments = moments_of(returns.values)
        error = standard_error(moments)
        interval = sharpe_interval(returns.values, seed=seed)
    except StatisticsError as lacking:
        return _nothing(len(returns.values), trials, str(lacking))
    if moments.deviation == 0:
        return _nothing(moments.count, trials, "the equity never moved")
    year = math.sqrt(returns.per_year)
    record = minimum_track_record(moments)
    return Honest(
        observations=moments.count,
        per_year=round(returns.per_year, PLACES),
        sharpe=round(moments.sharpe * year, PLACES),
        standard_error=round(error * year, PLACES),
        low=round(interval.low * year, PLACES),
        high=round(interval.high * year, PLACES),
        probabilistic_sharpe=round(probabilistic_sharpe(moments), PLACES),
        trials=trials.count,
        deflated_sharpe=round(deflated_sharpe(moments, trials.count, trials.variance), PLACES),
        track_record_years=(
            round(record / returns.per_year, PLACES) if math.isfinite(record) else None
        ),
    )


def trials_of(sharpes: list[float]) -> Trials:
    """Return the count and the sample variance of the trials' Sharpe ratios per day."""
    if len(sharpes) < 2:  # noqa: PLR2004 - one value does not vary
        return Trials(count=max(len(sharpes), 1))
    return Trials(count=len(sharpes), variance=float(np.var(sharpes, ddof=1)))


def _nothing(observations: int, trials: Trials, why: str) -> Honest:
    return Honest(
        observations=observations,
        per_year=None,
        sharpe=None,
        standard_error=None,
        low=None,
        high=None,
        probabilistic_sharpe=None,
        trials=trials.count,
        deflated_sharpe=None,
        track_record_years=None,
        missing=why,
    )
