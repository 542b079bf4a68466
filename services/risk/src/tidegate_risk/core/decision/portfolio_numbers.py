"""The risk of the whole book in a verdict: each measure before the order, after it, its limit."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import number
from tidegate_risk.core.rules import (
    concentration,
    correlated_exposure,
    cvar_limit,
    portfolio_heat,
    stress_loss,
    var_limit,
)
from tidegate_risk.core.rules.marginal_ceiling import change_numbers

if TYPE_CHECKING:
    from tidegate_contracts.risk import DecisionNumber
    from tidegate_risk.core.question import Proposal

MEASURES = (
    concentration.ASSET,
    concentration.ASSET_CLASS,
    portfolio_heat.MEASURE,
    stress_loss.MEASURE,
    correlated_exposure.MEASURE,
    var_limit.MEASURE,
    cvar_limit.MEASURE,
)


def portfolio_numbers(proposal: Proposal) -> list[DecisionNumber]:
    """Return every measure that a rule has taken, and what the estimates were made from.

    Without estimates, ``estimate_samples`` says how many returns the listing with too few has,
    and the measures that need them are left out: they were not applied.
    """
    marginal, unit = proposal.marginal, proposal.question.currency
    numbers: list[DecisionNumber] = []
    for measure in MEASURES:
        change = measure.of(marginal) if measure.was_taken(marginal) else None
        if change is not None:
            numbers += change_numbers(measure.name, change, unit)
    if not var_limit.MEASURE.was_taken(marginal):
        return numbers
    estimates, missing = proposal.question.estimates, marginal.missing
    listing = missing or proposal.question.listing
    samples = 0 if estimates is None else estimates.samples(listing)
    numbers.append(number("estimate_samples", samples, "returns"))
    if missing is None:
        limits = proposal.question.limits
        numbers += [
            number("estimate_age", marginal.age_s, "s"),
            number("estimate_widening", round(Decimal(marginal.widening), 4), "times"),
            number("var_confidence", limits.var_confidence_percent, "percent"),
            number("var_horizon", limits.var_horizon_days, "days"),
        ]
    return numbers
