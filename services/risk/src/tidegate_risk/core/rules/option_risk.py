"""Options sold are covered by options held: the loss has a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.money import ZERO
from tidegate_risk.core.refusals import Code, Refused, number, shown

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_risk.core.question import Proposal


def check(proposal: Proposal) -> Refused | None:
    """Refuse to be short more than is long of the same underlying and right.

    Longs count from the expiry of the option that is sold on, in their own worst case; shorts count
    whatever their expiry.
    """
    terms = proposal.instrument.option
    if terms is None or not proposal.sells:
        return None
    short = max(-proposal.reach.down, ZERO)
    covered = ZERO
    question = proposal.question
    instruments = question.book.market.instruments
    for listing, reach in question.reaches.items():
        other = instruments[listing].option
        if listing == question.listing or other is None:
            continue
        if (other.underlying, other.right) == (terms.underlying, terms.right):
            short += max(-reach.down, ZERO)
            covered += max(reach.down, ZERO) if other.expires_at_ns >= terms.expires_at_ns else ZERO
    return None if short <= covered else _refused(proposal, short, covered)


def _refused(proposal: Proposal, short: Decimal, covered: Decimal) -> Refused:
    unit = proposal.instrument.base_currency
    return Refused(
        code=Code.OPTION_RISK_UNDEFINED,
        expected=f"at most {shown(covered, unit)} sold, what is held of the same underlying and "
        "right to the same expiry or a later one",
        found=shown(short, unit),
        remedy="it passes after as much has been bought",
        numbers=(
            number("option_quantity_short", short, unit),
            number("option_quantity_covered", covered, unit),
        ),
    )
