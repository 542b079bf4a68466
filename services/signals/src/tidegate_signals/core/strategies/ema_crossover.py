"""Follow the trend: long while a fast average of closes is above a slow one.

1. Both averages are exponential, alpha = 2 / (length + 1), seeded with the first close.
2. The target becomes LONG when the fast average crosses above the slow one.
3. It becomes FLAT (SHORT with ``allow_short``) when the fast average falls below the slow one.
4. Nothing is said before ``slow`` bars have come (and ``atr`` bars where a stop is asked for). A
   crossing during that time is not made up for: the next one counts.
"""

from __future__ import annotations

import msgspec

from tidegate_contracts.market import Bar, Instrument
from tidegate_contracts.signals import Direction
from tidegate_signals.core.features import AverageTrueRange, ExponentialAverage
from tidegate_signals.core.strategies.definition import Definition, Fault, Length, Multiple
from tidegate_signals.core.strategies.placing import price_text
from tidegate_signals.core.wish import Wish

LONG, FLAT, SHORT = Direction.LONG, Direction.FLAT, Direction.SHORT
"""Looked up once: a member of an enumeration costs more than a name."""


class EmaCrossoverParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one instance."""

    fast: Length = 10
    """Bars of the fast average."""
    slow: Length = 20
    """Bars of the slow average; more than `fast`."""
    stop_atr: Multiple | None = None
    """Distance of the stop, as a multiple of the average true range; none: no stop."""
    atr: Length = 14
    """Bars of the average true range."""
    allow_short: bool = False
    """Whether the target below the slow average is SHORT instead of FLAT."""


class EmaCrossover(msgspec.Struct, kw_only=True):
    """The strategy on one symbol."""

    parameters: EmaCrossoverParameters
    price_scale: int
    fast: ExponentialAverage
    slow: ExponentialAverage
    range: AverageTrueRange | None
    warm_bars: int
    was_above: bool = False
    target: Direction = FLAT

    def update(self, bar: Bar) -> Wish | None:
        """Take a bar; return a wish when the target changes."""
        close = bar.close
        fast = self.fast.update(close)
        slow = self.slow.update(close)
        if self.range is not None:
            self.range.update(bar.high, bar.low, close)
        if fast > slow:
            if self.was_above:
                return None
            self.was_above = True
            return self._turn(LONG) if self.slow.count >= self.warm_bars else None
        self.was_above = False
        below = SHORT if self.parameters.allow_short else FLAT
        if below is self.target or fast == slow or self.slow.count < self.warm_bars:
            return None
        return self._turn(below)

    def _turn(self, direction: Direction) -> Wish | None:
        if direction is self.target:
            return None
        self.target = direction
        entering = direction is not FLAT
        return Wish(
            direction=direction,
            stop_distance=self._stop_distance() if entering else None,
            reasons=self._reasons(direction),
        )

    def _stop_distance(self) -> float | None:
        if self.range is None or self.parameters.stop_atr is None:
            return None
        return self.parameters.stop_atr * self.range.value

    def _reasons(self, direction: Direction) -> tuple[str, ...]:
        verb = "crossed above" if direction is LONG else "fell below"
        fast = price_text(self.fast.value, self.price_scale)
        slow = price_text(self.slow.value, self.price_scale)
        parameters = self.parameters
        cross = f"EMA({parameters.fast}) {fast} {verb} EMA({parameters.slow}) {slow}"
        if self.range is None or direction is FLAT:
            return (cross,)
        average = price_text(self.range.value, self.price_scale)
        return (cross, f"stop at {parameters.stop_atr:g} x ATR({parameters.atr}) {average}")


def start(parameters: EmaCrossoverParameters, instrument: Instrument) -> EmaCrossover:
    """Start the strategy on a symbol."""
    stops = parameters.stop_atr is not None
    return EmaCrossover(
        parameters=parameters,
        price_scale=instrument.price_scale,
        fast=ExponentialAverage(parameters.fast),
        slow=ExponentialAverage(parameters.slow),
        range=AverageTrueRange(parameters.atr) if stops else None,
        warm_bars=max(parameters.slow, parameters.atr if stops else 0),
    )


def conflicts(parameters: EmaCrossoverParameters) -> list[Fault]:
    """Return what does not fit together."""
    if parameters.fast < parameters.slow:
        return []
    return [Fault("fast", f"fewer bars than slow ({parameters.slow})", str(parameters.fast))]


DEFINITION = Definition(
    name="ema-crossover",
    doc="Long while a fast exponential average of closes is above a slow one.",
    parameters=EmaCrossoverParameters,
    strategy=EmaCrossover,
    start=start,
    conflicts=conflicts,
)
