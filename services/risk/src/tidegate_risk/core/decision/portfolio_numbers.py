"""The risk of the whole book in a verdict: each measure before the order, after it, its limit."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_risk.core.rules import (
    concentration,
    correlated_exposure,
    cvar_limit,
    portfolio_heat,
    stress_loss,
    var_limit,
)
from tidegate_risk.core.rules.marginal_ceiling import change_figures

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Figure

MEASURES = (
    concentration.ASSET,
    concentration.ASSET_CLASS,
    portfolio_heat.MEASURE,
    stress_loss.MEASURE,
    correlated_exposure.MEASURE,
    var_limit.MEASURE,
    cvar_limit.MEASURE,
)


def portfolio_figures(proposal: Proposal) -> list[Figure]:
    """Return every measure that a rule has taken, and what the estimates were made from.

    Without estimates, ``estimate_samples`` says how many returns the listing with too few has,
    and the measures that need them are left out: they were not applied.
    """
    marginal, unit = proposal.marginal, proposal.question.currency
    figures: list[Figure] = []
    taken = vars(marginal)
    for measure in MEASURES:
        change = taken.get(measure.asked)
        if change is not None:
            figures += change_figures(measure.name, change, unit)
    if var_limit.MEASURE.asked not in taken:
        return figures
    estimates, missing = proposal.question.estimates, marginal.missing
    listing = missing or proposal.question.listing
    samples = 0 if estimates is None else estimates.samples(listing)
    figures.append(("estimate_samples", samples, "returns"))
    if missing is None:
        limits = proposal.question.limits
        figures += [
            ("estimate_age", marginal.age_s, "s"),
            ("estimate_widening", round(Decimal(marginal.widening), 4), "times"),
            ("var_confidence", limits.var_confidence_percent, "percent"),
            ("var_horizon", limits.var_horizon_days, "days"),
        ]
    return figures
