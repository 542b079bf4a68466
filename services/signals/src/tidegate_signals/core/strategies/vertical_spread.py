"""Hold a vertical spread while its view of the underlying holds: two options, one order.

1. The spread buys one option and sells another of the same right, expiry and underlying. It gains
   with the underlying if it buys the lower strike, and against it if it buys the higher one. Calls
   that rise and puts that fall are paid for (a debit); the others bring money (a credit).
2. The view is that of two exponential averages of the underlying's closes, as in `ema_crossover`.
   A rising spread is wanted from the moment at which the fast one crosses above the slow one until
   it falls below; a falling spread the other way around.
3. From ``leave_days`` days before the expiry's day on, in UTC, it is left and not wanted again:
   nothing is exercised or assigned that a strategy has not chosen.
4. A debit can be lost, and of a credit the difference of the strikes less what came in; risk sizes
   it by that. It is wanted at the market, or for the day at a net price.

It is an example of a strategy with legs and no advice: it looks at no option's price, so it does
not know whether the spread is dear. On other symbols than its underlying it says nothing.

Source of the spreads: Hull, "Options, Futures, and Other Derivatives", on trading strategies.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, NamedTuple

import msgspec

from tidegate_contracts.execution import OrderLeg, Side, TimeInForce
from tidegate_contracts.market import Bar, Instrument
from tidegate_contracts.signals import Direction
from tidegate_kernel.contracts import OptionSymbol, option_of
from tidegate_kernel.time import NS_PER_DAY
from tidegate_signals.core.features import ExponentialAverage
from tidegate_signals.core.strategies.definition import Definition, Fault, Length
from tidegate_signals.core.strategies.placing import price_text
from tidegate_signals.core.wish import Wish

LONG, FLAT = Direction.LONG, Direction.FLAT
EPOCH = date(1970, 1, 1)
Days = Annotated[int, msgspec.Meta(ge=0, le=365)]
"""A number of calendar days."""


class VerticalSpreadParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one instance; the two options must be named."""

    bought: str | None = None
    """The option that one spread buys, by its OCC symbol."""
    sold: str | None = None
    """The option that one spread sells."""
    net_price: Decimal | None = None
    """What a unit may cost, for the day; below zero what it must bring; none: at the market."""
    fast: Length = 10
    """Bars of the fast average."""
    slow: Length = 20
    """Bars of the slow average; more than `fast`."""
    leave_days: Days = 1
    """Days before the expiry's day from which on it is left."""


class VerticalSpread(msgspec.Struct, kw_only=True):
    """The strategy on one symbol; without legs on one that is not its underlying."""

    parameters: VerticalSpreadParameters
    price_scale: int
    legs: tuple[OrderLeg, ...]
    # Whether it gains when the underlying rises.
    rises: bool
    leaves_at_ns: int
    fast: ExponentialAverage
    slow: ExponentialAverage
    agreed: bool = False
    target: Direction = FLAT

    def update(self, bar: Bar) -> Wish | None:
        """Take a bar; return a wish when the target changes."""
        if not self.legs:
            return None
        fast, slow = self.fast.update(bar.close), self.slow.update(bar.close)
        above = fast - slow if self.rises else slow - fast
        crossed = above > 0 and not self.agreed
        self.agreed = above > 0
        late = bar.end_ns >= self.leaves_at_ns
        if self.target is LONG:
            return self._leave(late=late) if late or above < 0 else None
        warm = self.slow.count >= self.parameters.slow
        return self._enter() if crossed and warm and not late else None

    def _enter(self) -> Wish:
        self.target = LONG
        net = self.parameters.net_price
        return Wish(
            direction=LONG,
            legs=self.legs,
            net_price=net,
            time_in_force=TimeInForce.UNSPECIFIED if net is None else TimeInForce.DAY,
            reasons=(self._view("crossed above" if self.rises else "fell below"),),
        )

    def _leave(self, *, late: bool) -> Wish:
        self.target = FLAT
        said = self._view("fell below" if self.rises else "crossed above")
        if late:
            said = f"{self.parameters.leave_days} days or fewer before the day of the expiry"
        return Wish(direction=FLAT, legs=self.legs, reasons=(said,))

    def _view(self, verb: str) -> str:
        fast = price_text(self.fast.value, self.price_scale)
        slow = price_text(self.slow.value, self.price_scale)
        return f"EMA({self.parameters.fast}) {fast} {verb} EMA({self.parameters.slow}) {slow}"


class Pair(NamedTuple):
    """The two options as their symbols tell them."""

    bought: OptionSymbol
    sold: OptionSymbol


def pair_of(parameters: VerticalSpreadParameters) -> Pair | None:
    """Read both symbols; None unless both are options."""
    bought, sold = option_of(parameters.bought or ""), option_of(parameters.sold or "")
    return None if bought is None or sold is None else Pair(bought, sold)


def legs_of(parameters: VerticalSpreadParameters) -> tuple[OrderLeg, ...]:
    """Return what one spread holds."""
    return (
        OrderLeg(symbol=parameters.bought or "", side=Side.BUY, ratio=1),
        OrderLeg(symbol=parameters.sold or "", side=Side.SELL, ratio=1),
    )


def start(parameters: VerticalSpreadParameters, instrument: Instrument) -> VerticalSpread:
    """Start the strategy on a symbol."""
    pair = pair_of(parameters)
    assert pair is not None, "the parameters were judged before; see conflicts"
    bought, sold = pair
    days = (bought.expires_on - EPOCH).days - parameters.leave_days
    own = instrument.symbol == bought.underlying
    return VerticalSpread(
        parameters=parameters,
        price_scale=instrument.price_scale,
        legs=legs_of(parameters) if own else (),
        rises=bought.strike < sold.strike,
        leaves_at_ns=days * NS_PER_DAY,
        fast=ExponentialAverage(parameters.fast),
        slow=ExponentialAverage(parameters.slow),
    )


def conflicts(parameters: VerticalSpreadParameters) -> list[Fault]:
    """Return what does not fit together."""
    faults = []
    if parameters.fast >= parameters.slow:
        expected = f"fewer bars than slow ({parameters.slow})"
        faults.append(Fault("fast", expected, str(parameters.fast)))
    for name in ("bought", "sold"):
        symbol = getattr(parameters, name)
        if option_of(symbol or "") is None:
            faults.append(Fault(name, "an option such as AAPL271217C00200000", str(symbol)))
    net = parameters.net_price
    if net is not None and not net.is_finite():
        faults.append(Fault("net_price", "a number", str(net)))
    pair = pair_of(parameters)
    if pair is None:
        return faults
    bought, sold = pair
    same = (bought.underlying, bought.expires_on, bought.is_call)
    if (sold.underlying, sold.expires_on, sold.is_call) != same:
        expected = f"underlying, expiry and right of {parameters.bought}"
        faults.append(Fault("sold", expected, str(parameters.sold)))
    elif sold.strike == bought.strike:
        expected = f"another strike than {parameters.bought}"
        faults.append(Fault("sold", expected, str(parameters.sold)))
    return faults


DEFINITION = Definition(
    name="vertical-spread",
    doc="Holds one option against another while two averages of their underlying agree with it.",
    parameters=VerticalSpreadParameters,
    strategy=VerticalSpread,
    start=start,
    conflicts=conflicts,
    legs=legs_of,
)
