"""The value at risk of every day, from the days before it, by every method of the service.

Nothing is fitted to the result: each day sees the `SAMPLES_MAX` returns that ended the evening
before, as a live session with daily estimates does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.portfolio import tails
from tidegate_risk.core.portfolio.estimates import Estimates
from tidegate_risk.core.portfolio.monte_carlo import Scenarios
from tidegate_risk.core.portfolio.tails import LEVELS, Tail

from .closes import Closes, estimates_at

Reals = NDArray[np.float64]

PLAIN = ("historical", "parametric", "student", "monte-carlo")
METHODS = (*PLAIN, *(f"{each}, widened" for each in PLAIN), "decides orders")
"""Each method over the whole window as it is, and widened by present volatility as it is used;
the last is the worst of three of the latter, which is what the service refuses orders by."""


class Forecasts(NamedTuple):
    """Profits (n,) of a book of 1, and by method and level the tails said of each the day before.

    ``tails`` holds value at risk and shortfall (2, n).
    """

    profits: Reals
    tails: dict[tuple[str, int], Reals]


def forecasts_of(closes: Closes, values: Mapping[str, float], days: range) -> Forecasts:
    """Return the forecasts for the days at some places."""
    window = closes.window()
    weights = np.array([values[each] for each in closes.symbols])
    profits = weights @ closes.returns[:, days.start - 1 : days.stop - 1]
    rows: dict[tuple[str, int], list[Tail]] = {}
    for place in days:
        for name, tail in _said(estimates_at(closes, window, place - 1), values).items():
            rows.setdefault(name, []).append(tail)
    return Forecasts(profits, {name: np.array(found).T for name, found in rows.items()})


def _said(estimates: Estimates, values: Mapping[str, float]) -> dict[tuple[str, int], Tail]:
    profits = estimates.profits(values)
    own = sum(estimates.own_variance(each, value) for each, value in values.items())
    deviation, widening = estimates.deviation(profits, own), estimates.widening(profits)
    scenarios = Scenarios(estimates, values, seed=estimates.as_of_ns // NS_PER_DAY)
    said: dict[tuple[str, int], Tail] = {}
    for percent, level in LEVELS.items():
        plain = {
            "historical": tails.historical(profits, level),
            "parametric": tails.parametric(deviation, level),
            "student": tails.student(deviation, level),
            "monte-carlo": scenarios.tail(level, 1),
        }
        widened = {each: tails.scaled(tail, widening) for each, tail in plain.items()}
        widened["monte-carlo"] = scenarios.tail(level, widening * widening)
        decides = tails.scaled(tails.decisive(profits, deviation, level), widening)
        said.update({(name, percent): tail for name, tail in plain.items()})
        said.update({(f"{name}, widened", percent): tail for name, tail in widened.items()})
        said["decides orders", percent] = decides
    return said
