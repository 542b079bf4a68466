"""The steps of sizing in their declared order, and the size that they come to."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tidegate_kernel.money import round_down
from tidegate_risk.core.refusals import number
from tidegate_risk.core.sizing import (
    confidence,
    correlation,
    daily_loss,
    drawdown,
    exposure,
    fixed_fraction,
    kelly,
    launch,
    ramp,
    stop_distance,
    volatility_target,
)
from tidegate_risk.core.sizing.entry import Entry, Offer, Scale

if TYPE_CHECKING:
    from tidegate_contracts.risk import DecisionNumber

OFFERS: tuple[Callable[[Entry], Offer | None], ...] = (
    fixed_fraction.offer,
    stop_distance.offer,
    volatility_target.offer,
    kelly.offer,
)
"""The smallest offer counts."""

SCALES: tuple[Callable[[Entry], Scale | None], ...] = (
    confidence.scale,
    exposure.scale,
    daily_loss.scale,
    correlation.scale,
    drawdown.scale,
    ramp.scale,
    launch.scale,
)
"""Each takes its share of what the one before has left."""

SHOWN_PLACES = 8


class Size(NamedTuple):
    """A target position, rounded down to the lot, and every step that led to it."""

    quantity: Decimal
    offers: tuple[Offer, ...]
    scales: tuple[Scale, ...]

    def numbers(self, unit: str) -> list[DecisionNumber]:
        """Return every step as a verdict carries it; ``unit`` is what quantities count."""
        found = []
        for offer in self.offers:
            found.append(number(offer.name, round(offer.quantity, SHOWN_PLACES), unit))
            found += offer.numbers
        for scale in self.scales:
            found.append(number(scale.name, scale.factor, "fraction"))
            found += scale.numbers
        found.append(number("target_quantity", self.quantity, unit))
        return found


def size_of(entry: Entry) -> Size:
    """Return the size of an entry: the smallest offer, scaled, rounded down to the lot."""
    offers = tuple(each for each in (offer(entry) for offer in OFFERS) if each is not None)
    scales = tuple(each for each in (scale(entry) for scale in SCALES) if each is not None)
    quantity = min(each.quantity for each in offers)
    for each in scales:
        quantity *= each.factor
    return Size(round_down(quantity, entry.instrument.lot_size), offers, scales)
