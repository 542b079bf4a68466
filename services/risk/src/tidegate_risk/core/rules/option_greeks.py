"""The options' Greeks together are at most shares of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.money import ZERO
from tidegate_risk.core.refusals import Code, Refused, number, shown

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_risk.core.question import Proposal


def check(proposal: Proposal) -> Refused | None:
    """Refuse a Greek in money above its share of equity, the worst of both directions.

    Delta is the value of as much of the underlying, gamma the change of that when the underlying
    moves by 1 %, vega the change in value for a percentage point of volatility, theta for a day.
    """
    if proposal.instrument.option is None:
        return None
    question, unit = proposal.question, proposal.question.currency
    limits = question.limits
    ceilings = (
        ("delta", limits.option_delta_max_fraction),
        ("gamma", limits.option_gamma_max_fraction),
        ("vega", limits.option_vega_max_fraction),
        ("theta", limits.option_theta_max_fraction),
    )
    totals = _totals(proposal)
    for name, fraction in ceilings:
        found, limit = totals[name], fraction * question.equity
        if found > limit:
            return Refused(
                code=Code.OPTION_GREEKS,
                expected=f"{name} at most {shown(limit, unit)} (option_{name}_max_fraction)",
                found=shown(found, unit),
                remedy="a smaller order passes, or one of the opposite sign",
                numbers=(
                    number(f"option_{name}", found, unit),
                    number(f"limit_option_{name}", limit, unit),
                ),
            )
    return None


def _totals(proposal: Proposal) -> dict[str, Decimal]:
    """Return each Greek of all options in its worst case, in money."""
    question = proposal.question
    reaches = {**question.reaches, question.listing: proposal.reach}
    highest = dict.fromkeys(("delta", "gamma", "vega", "theta"), ZERO)
    lowest = dict(highest)
    for listing, reach in reaches.items():
        for name, each in _greeks_of(proposal, listing).items():
            values = each * reach.up, each * reach.down
            highest[name] += max(values)
            lowest[name] += min(values)
    return {name: max(abs(highest[name]), abs(lowest[name])) for name in highest}


def _greeks_of(proposal: Proposal, listing: str) -> dict[str, Decimal]:
    """Return an option's Greeks in money for one unit; none of what is no option."""
    market = proposal.question.book.market
    instrument = market.instruments[listing]
    terms, greeks = instrument.option, instrument.greeks
    if terms is None or greeks is None:
        return {}
    underlying = market.price_of(f"{instrument.venue}|{terms.underlying}") or ZERO
    return {
        "delta": greeks.delta * underlying,
        "gamma": greeks.gamma * underlying * underlying / 100,
        "vega": greeks.vega,
        "theta": greeks.theta,
    }
