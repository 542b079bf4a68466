"""An entry before it has a size: what offers and scales are asked about, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import Side
from tidegate_risk.core.once import once
from tidegate_risk.core.sizing.average_range import average_range

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.market import Instrument
    from tidegate_risk.core.question import Question
    from tidegate_risk.core.refusals import Figure


class Offer(msgspec.Struct, frozen=True):
    """A quantity that one rule of sizing would take, not rounded, and what it was made from."""

    name: str
    quantity: Decimal
    figures: tuple[Figure, ...] = ()


class Scale(msgspec.Struct, frozen=True):
    """The share of its size that one rule leaves, 0 to 1, and what it was made from."""

    name: str
    factor: Decimal
    figures: tuple[Figure, ...] = ()


@dataclass(eq=False)
class Entry:
    """An entry on one side.

    ``price`` values it, by the worst at which it may fill; ``aim`` is what its exits are measured
    from: its trigger, its limit, else the newest close; ``overshoot`` is how much worse than its
    trigger it may fill.
    """

    question: Question
    instrument: Instrument
    side: Side
    price: Decimal
    aim: Decimal
    overshoot: Decimal

    @property
    def sign(self) -> int:
        """1 for an entry that buys, -1 for one that sells."""
        return 1 if self.side == Side.BUY else -1

    @once
    def average_range(self) -> Decimal | None:
        """The average true range of the newest bars; None with too few of them, or if they stood.

        In the quote currency.
        """
        recent, bars = self.question.recent, self.question.limits.stop_range_bars
        if recent is None:
            return None
        return average_range(recent.ranges, bars, self.instrument.price_scale) or None

    @once
    def stop_distance(self) -> Decimal | None:
        """How far away the stop is: as the signal says, else by the average range.

        None when neither is known.
        """
        wished, multiple = self.question.signal.stop_distance, self.question.limits
        if wished is not None or self.average_range is None:
            return wished
        return self.average_range * multiple.stop_range_multiple or None
