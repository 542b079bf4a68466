"""Follow breakouts: enter above the highest high, leave below the lowest low (Donchian, 1960).

1. The upper channel is the highest high of the ``entry`` bars before this one, the lower channel
   the lowest low of the ``exit`` bars before this one.
2. The target becomes LONG when a bar closes above the upper channel.
3. It becomes FLAT when a bar closes below the lower channel.
4. Nothing is said before both channels are full (and the average true range, where a stop is
   asked for).
"""

from __future__ import annotations

import msgspec

from tidegate_contracts.market import Bar, Instrument
from tidegate_contracts.signals import Direction
from tidegate_signals.core.features import AverageTrueRange, RollingMaximum, RollingMinimum
from tidegate_signals.core.strategies.definition import Definition, Fault, Length, Multiple
from tidegate_signals.core.strategies.placing import price_text
from tidegate_signals.core.wish import Wish


class DonchianBreakoutParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one instance."""

    entry: Length = 20
    """Bars of the upper channel."""
    exit: Length = 10
    """Bars of the lower channel; at most `entry`."""
    stop_atr: Multiple | None = None
    """Distance of the stop, as a multiple of the average true range; none: no stop."""
    atr: Length = 14
    """Bars of the average true range."""


class DonchianBreakout(msgspec.Struct, kw_only=True):
    """The strategy on one symbol."""

    parameters: DonchianBreakoutParameters
    price_scale: int
    upper: RollingMaximum
    lower: RollingMinimum
    range: AverageTrueRange | None
    warm_bars: int
    target: Direction = Direction.FLAT

    def update(self, bar: Bar) -> Wish | None:
        """Take a bar; return a wish when the target changes."""
        wish = None
        if self.upper.count >= self.warm_bars:
            if self.target is Direction.FLAT:
                if bar.close > self.upper.value:
                    wish = self._enter(bar)
            elif bar.close < self.lower.value:
                wish = self._leave(bar)
        self.upper.update(bar.high)
        self.lower.update(bar.low)
        if self.range is not None:
            self.range.update(bar.high, bar.low, bar.close)
        return wish

    def _enter(self, bar: Bar) -> Wish:
        self.target = Direction.LONG
        parameters = self.parameters
        close, channel = self._price(bar.close), self._price(self.upper.value)
        reasons = [f"close {close} above the {parameters.entry}-bar high {channel}"]
        stop = None
        if self.range is not None and parameters.stop_atr is not None:
            average = self.range.value
            stop = parameters.stop_atr * average
            what = f"{parameters.stop_atr:g} x ATR({parameters.atr})"
            reasons.append(f"stop at {what} {self._price(average)}")
        return Wish(direction=Direction.LONG, stop_distance=stop, reasons=tuple(reasons))

    def _leave(self, bar: Bar) -> Wish:
        self.target = Direction.FLAT
        close, channel = self._price(bar.close), self._price(self.lower.value)
        reason = f"close {close} below the {self.parameters.exit}-bar low {channel}"
        return Wish(direction=Direction.FLAT, reasons=(reason,))

    def _price(self, value: float) -> str:
        return price_text(value, self.price_scale)


def start(parameters: DonchianBreakoutParameters, instrument: Instrument) -> DonchianBreakout:
    """Start the strategy on a symbol."""
    stops = parameters.stop_atr is not None
    return DonchianBreakout(
        parameters=parameters,
        price_scale=instrument.price_scale,
        upper=RollingMaximum(parameters.entry),
        lower=RollingMinimum(parameters.exit),
        range=AverageTrueRange(parameters.atr) if stops else None,
        warm_bars=max(parameters.entry, parameters.exit, parameters.atr if stops else 0),
    )


def conflicts(parameters: DonchianBreakoutParameters) -> list[Fault]:
    """Return what does not fit together."""
    if parameters.exit <= parameters.entry:
        return []
    return [Fault("exit", f"at most entry ({parameters.entry})", str(parameters.exit))]


DEFINITION = Definition(
    name="donchian-breakout",
    doc="Long from a close above the highest high until a close below the lowest low.",
    parameters=DonchianBreakoutParameters,
    strategy=DonchianBreakout,
    start=start,
    conflicts=conflicts,
)
