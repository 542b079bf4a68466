"""Entries are decided on estimates that are there and fresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal


def check(proposal: Proposal) -> Refused | None:
    """Refuse estimates older than ``estimate_age_max_s``, and, where required, missing ones."""
    question, marginal = proposal.question, proposal.marginal
    limits = question.limits
    if marginal.missing is not None:
        return _missing(proposal, marginal.missing) if limits.estimates_required else None
    oldest_s = limits.estimate_age_max_ns // NS_PER_SECOND
    if marginal.age_s <= oldest_s:
        return None
    return Refused(
        code=Code.ESTIMATE_STALE,
        expected=f"estimates of portfolio risk at most {oldest_s} s old (estimate_age_max_s)",
        found=f"{marginal.age_s} s",
        remedy="the same signal passes once bars have come in again",
        numbers=(
            number("estimate_age", marginal.age_s, "s"),
            number("limit_estimate_age", oldest_s, "s"),
        ),
    )


def _missing(proposal: Proposal, listing: str) -> Refused:
    limits, estimates = proposal.question.limits, proposal.question.estimates
    found = 0 if estimates is None else estimates.samples(listing)
    return Refused(
        code=Code.ESTIMATE_STALE,
        expected=f"{limits.estimate_days_min} daily or {limits.estimate_hours_min} hourly returns "
        f"of {listing.partition('|')[2]} (estimates_required)",
        found=str(found) if estimates is not None else "too few of anything",
        remedy="the same signal passes once there is enough history, or with "
        "estimates_required: false",
        numbers=(number("estimate_samples", found, "returns"),),
    )
