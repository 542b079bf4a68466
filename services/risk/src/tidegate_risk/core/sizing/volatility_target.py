"""Volatility target: a position moves equity by a declared share in a year, however wild it is.

R. Carver, Systematic Trading (2015), chapter 9: the position's value times its yearly volatility
is the target times equity. Volatility is the one that portfolio risk estimates from sampled
closes; while it has too few of them, nothing is offered.
"""

from __future__ import annotations

import math
from decimal import Decimal

from tidegate_risk.core.sizing.entry import Entry, Offer

DAYS_PER_YEAR = {"CRYPTO": 365}
TRADING_DAYS_PER_YEAR = 252
PLACES = 6


def offer(entry: Entry) -> Offer | None:
    """Offer what moves equity by ``volatility_target_fraction`` in a year."""
    question = entry.question
    estimates = question.estimates
    if estimates is None or not estimates.has(question.listing):
        return None
    days = DAYS_PER_YEAR.get(entry.instrument.asset_class.name, TRADING_DAYS_PER_YEAR)
    steps = estimates.steps_per_day * days
    volatility = yearly(estimates.volatility(question.listing), steps)
    if volatility <= 0:
        return None
    target = question.limits.volatility_target_fraction
    quantity = quantity_by_volatility(question.equity, target, volatility * entry.price)
    figures = (("volatility_yearly", volatility, "fraction"),)
    return Offer("quantity_by_volatility", quantity, figures)


def yearly(volatility: float, steps_per_year: float) -> Decimal:
    """Return a step's volatility as a year's, rounded to `PLACES` decimals."""
    return round(Decimal(volatility * math.sqrt(steps_per_year)), PLACES)


def quantity_by_volatility(
    equity: Decimal, target_fraction: Decimal, unit_volatility: Decimal
) -> Decimal:
    """Return ``target * equity / volatility of one unit in money a year``, not rounded."""
    return target_fraction * equity / unit_volatility
