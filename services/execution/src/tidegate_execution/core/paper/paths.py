"""In which order a bar reached its prices: its open, one extreme, the other, its close.

A bar does not say which extreme came first. `IntrabarPath` decides it; the pessimistic path differs
by the order's side, so that a sell meets the low first and a buy the high: of a stop and a target
in one bar the stop is met first.
"""

from __future__ import annotations

from decimal import Decimal
from enum import IntEnum
from typing import TYPE_CHECKING

from tidegate_contracts.execution import Side
from tidegate_execution.core.paper.parameters import IntrabarPath
from tidegate_kernel.money import to_decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_contracts.market import Bar, Instrument


class Phase(IntEnum):
    """The points of a bar's path, in order."""

    OPEN = 0
    FIRST = 1
    SECOND = 2
    CLOSE = 3


class Prices:
    """A bar in decimals, made only when an order looks at it, and only what it looks at."""

    __slots__ = (
        "_bar",
        "_instrument",
        "before",
        "end_ns",
        "lot_size",
        "open",
        "start_ns",
        "tick_size",
    )

    def __init__(self, bar: Bar, instrument: Instrument, before: Sequence[Bar] = ()) -> None:
        """``before``: the bars before it, oldest first, where the rules measure them."""
        self.before = before
        self._bar = bar
        self._instrument = instrument
        self.start_ns = bar.start_ns
        self.end_ns = bar.end_ns
        self.open = to_decimal(bar.open, instrument.price_scale)
        self.tick_size = instrument.tick_size
        self.lot_size = instrument.lot_size

    @property
    def instrument(self) -> Instrument:
        """What it is a bar of."""
        return self._instrument

    @property
    def size_scale(self) -> int:
        """Decimal places of volumes."""
        return self._instrument.size_scale

    @property
    def high(self) -> Decimal:
        """The highest price."""
        return to_decimal(self._bar.high, self._instrument.price_scale)

    @property
    def low(self) -> Decimal:
        """The lowest price."""
        return to_decimal(self._bar.low, self._instrument.price_scale)

    @property
    def close(self) -> Decimal:
        """The last price."""
        return to_decimal(self._bar.close, self._instrument.price_scale)

    @property
    def volume(self) -> Decimal:
        """What was traded, in units."""
        return to_decimal(self._bar.volume, self._instrument.size_scale)


def low_is_first(path: IntrabarPath, prices: Prices, side: Side) -> bool:
    """Tell whether an order of a side meets the bar's low before its high."""
    if path == IntrabarPath.PESSIMISTIC:
        return side == Side.SELL
    if path == IntrabarPath.NEAREST_FIRST:
        return prices.open - prices.low <= prices.high - prices.open
    return path == IntrabarPath.LOW_FIRST


def price_at(path: IntrabarPath, prices: Prices, side: Side, phase: Phase) -> Decimal:
    """Return the price at a point of the path."""
    if phase == Phase.OPEN:
        return prices.open
    if phase == Phase.CLOSE:
        return prices.close
    is_low = low_is_first(path, prices, side) == (phase == Phase.FIRST)
    return prices.low if is_low else prices.high


def phase_of_extreme(path: IntrabarPath, prices: Prices, side: Side, *, low: bool) -> Phase:
    """Return the point at which a bar reaches its low, or its high."""
    return Phase.FIRST if low_is_first(path, prices, side) == low else Phase.SECOND
