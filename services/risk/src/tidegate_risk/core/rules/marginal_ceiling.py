"""What the limits on the whole book share: the order's effect decides, and what would pass.

An order passes within the limit, and beyond it as long as it does not add to the measure: a book
that is over its limit may always be made safer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegate_kernel.money import ZERO
from tidegate_risk.core.portfolio.marginal import Marginal
from tidegate_risk.core.refusals import Code, Refused, number, shown, written

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_risk.core.portfolio.marginal import Change
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Figure

HALVINGS = 12
"""How often the quantity that would pass is searched for between two others."""


class Measure(NamedTuple):
    """A measure of the book: its code, what it is called, its setting, and how it is taken.

    ``asked`` is the attribute of `Marginal` that takes it.
    """

    code: Code
    name: str
    what: str
    setting: str
    asked: str


def refused_beyond(measure: Measure, proposal: Proposal) -> Refused | None:
    """Refuse an order that takes a measure beyond its limit, or further beyond it."""
    # None where there are no estimates for it.
    change: Change | None = getattr(proposal.marginal, measure.asked)
    if change is None or change.passes:
        return None
    unit, instrument = proposal.question.currency, proposal.instrument
    fits = _quantity_that_passes(measure, proposal)
    remedy = f"at most {shown(fits, instrument.base_currency)} would pass"
    return Refused(
        code=measure.code,
        expected=f"{measure.what} at most {shown(change.limit, unit)} ({measure.setting})",
        found=f"{shown(change.after, unit)} with this order, {shown(change.before, unit)} without",
        remedy=remedy if fits > 0 else "no quantity would pass now; orders that reduce it pass",
        numbers=(
            *written(change_figures(measure.name, change, unit)),
            number("quantity_that_would_pass", fits, instrument.base_currency),
        ),
    )


def change_figures(name: str, change: Change, unit: str) -> tuple[Figure, ...]:
    """Return a measure without the order, with it, and its limit."""
    return (
        (f"{name}_before", change.before, unit),
        (f"{name}_after", change.after, unit),
        (f"limit_{name}", change.limit, unit),
    )


def _quantity_that_passes(measure: Measure, proposal: Proposal) -> Decimal:
    """Return a quantity in whole lots that passes: the largest that halving finds."""
    lot = proposal.instrument.lot_size
    passing, failing = ZERO, proposal.quantity // lot
    for _ in range(HALVINGS):
        lots = (passing + failing) // 2
        if lots == passing:
            break
        change: Change | None = getattr(Marginal(proposal, lots * lot), measure.asked)
        if change is None or change.passes:
            passing = lots
        else:
            failing = lots
    return passing * lot
