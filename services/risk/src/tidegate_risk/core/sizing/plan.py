"""The steps of sizing in their declared order, and the size that they come to."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_kernel.money import round_down
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
    from collections.abc import Sequence

    from tidegate_risk.core.refusals import Figure

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


class Size(msgspec.Struct, frozen=True):
    """A target position, rounded down to the lot, and every step that led to it."""

    quantity: Decimal
    offers: tuple[Offer, ...]
    scales: tuple[Scale, ...]

    def figures(self, unit: str) -> list[Figure]:
        """Return every step as a verdict carries it; ``unit`` is what quantities count."""
        found: list[Figure] = []
        for offer in self.offers:
            shown = round(offer.quantity, SHOWN_PLACES)
            found += [(offer.name, shown, unit), *offer.figures]
        for scale in self.scales:
            found += [(scale.name, scale.factor, "fraction"), *scale.figures]
        return [*found, ("target_quantity", self.quantity, unit)]


def size_of(entry: Entry) -> Size:
    """Return the size of an entry: the smallest offer, scaled, rounded down to the lot."""
    offers = [found for offer in OFFERS if (found := offer(entry)) is not None]
    return scaled(entry, offers, entry.instrument.lot_size)


def scaled(entry: Entry, offers: Sequence[Offer], lot: Decimal) -> Size:
    """Return the smallest of some offers, with every scale applied, rounded down to a lot."""
    scales = [share for scale in SCALES if (share := scale(entry)) is not None]
    quantity = min([each.quantity for each in offers])
    for each in scales:
        quantity *= each.factor
    return Size(round_down(quantity, lot), tuple(offers), tuple(scales))
