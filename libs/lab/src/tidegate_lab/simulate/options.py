"""The options of a simulated hour: three calls on one of its symbols, and structures of them.

Their prices follow their underlying's, and their bars are few: an option trades every other minute.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tidegate_contracts.execution import OrderLeg, Side
from tidegate_contracts.frame import GREEK_PLACES, NO_GREEK
from tidegate_contracts.market import AssetClass, OptionRight, OptionTerms
from tidegate_market_data.adapters.table import GREEK_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_contracts.market import Instrument

UNDERLYING = "AAA"
MIDDLE = 10_000
"""What the underlying costs in the middle, in cents."""
EXPIRES_NS = 1_800_046_800_000_000_000
"""2027-01-15 21:00 UTC: nothing expires within the hour."""
MINUTES_BETWEEN = 2
LOT = Decimal(100)
DELTA_MAX = Decimal("0.35")
LOSS_MAX = Decimal("0.02")
"""What the hour's limits allow as shares of equity: the options' delta, the loss of an order."""
OPEN_POSITIONS_MAX = 4
"""Where options are traded a position is also each leg."""


class Call(NamedTuple):
    """A call: what it costs while its underlying is in the middle, and how it moves with it."""

    symbol: str
    strike: int
    middle_cents: int
    delta: Decimal

    def cents(self, underlying_cents: int) -> int:
        """Return what it costs at a price of its underlying."""
        moved = self.delta * (underlying_cents - MIDDLE)
        return max(1, self.middle_cents + int(moved))


LOW = Call(f"{UNDERLYING}270115C00095000", 95, 640, Decimal("0.75"))
MIDST = Call(f"{UNDERLYING}270115C00100000", 100, 320, Decimal("0.5"))
HIGH = Call(f"{UNDERLYING}270115C00105000", 105, 130, Decimal("0.25"))
CALLS = {call.symbol: call for call in (LOW, MIDST, HIGH)}


def _legs(*legs: tuple[Side, int, Call]) -> tuple[OrderLeg, ...]:
    return tuple(OrderLeg(symbol=c.symbol, side=side, ratio=n) for side, n, c in legs)


STRUCTURES = (
    _legs((Side.BUY, 1, MIDST), (Side.SELL, 1, HIGH)),
    _legs((Side.SELL, 1, LOW), (Side.BUY, 1, MIDST)),
    _legs((Side.SELL, 1, LOW), (Side.BUY, 2, MIDST)),
    _legs((Side.BUY, 1, LOW), (Side.SELL, 2, MIDST), (Side.BUY, 1, HIGH)),
)
"""A spread that is paid, one that is received, a backspread for about nothing, a butterfly."""


def turned(legs: tuple[OrderLeg, ...]) -> tuple[OrderLeg, ...]:
    """Return the legs the other way around: what closes a structure."""
    other = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}
    return tuple(msgspec.structs.replace(leg, side=other[leg.side]) for leg in legs)


def sign_of(side: Side) -> int:
    """Return +1 for what is bought, -1 for what is sold."""
    return 1 if side == Side.BUY else -1


def net_cents(legs: tuple[OrderLeg, ...]) -> int:
    """Return what a structure costs while the underlying is in the middle."""
    return sum(sign_of(leg.side) * leg.ratio * CALLS[leg.symbol].middle_cents for leg in legs)


def worth_least(legs: tuple[OrderLeg, ...]) -> Decimal | None:
    """Return the least that a structure is worth at its expiry; None: it has no bound.

    Tried at every strike and far above them: the checkers' own reading, on purpose not the
    kernel's.
    """
    if sum(sign_of(leg.side) * leg.ratio for leg in legs) < 0:
        return None
    far = max(call.strike for call in CALLS.values()) * 10
    prices = (0, *(call.strike for call in CALLS.values()), far)
    return Decimal(min(_worth(legs, price) for price in prices))


def _worth(legs: tuple[OrderLeg, ...], price: int) -> int:
    return sum(
        sign_of(leg.side) * leg.ratio * max(price - CALLS[leg.symbol].strike, 0) for leg in legs
    )


@cache
def instruments_like(underlying: Instrument) -> tuple[Instrument, ...]:
    """Return the calls as the data describe them; their Greeks come with their bars."""
    return tuple(
        msgspec.structs.replace(
            underlying,
            symbol=call.symbol,
            asset_class=AssetClass.OPTION,
            lot_size=LOT,
            min_quantity=LOT,
            option=OptionTerms(
                underlying=underlying.symbol,
                right=OptionRight.CALL,
                strike=Decimal(call.strike),
                expires_at_ns=EXPIRES_NS,
            ),
        )
        for call in CALLS.values()
    )


def greeks_of(symbol: str) -> list[int]:
    """Return what the data state of a symbol's Greeks: a delta of calls, of all else nothing."""
    call = CALLS.get(symbol)
    if call is None:
        return [NO_GREEK] * len(GREEK_COLUMNS)
    return [int(call.delta.scaleb(GREEK_PLACES)), 0, 0, 0]


def bars_of(seed: int, minutes: list[tuple[int, int]]) -> Iterator[tuple[int, str, list[int]]]:
    """Yield the minute, the symbol, and open, high, low, close and volume of each option's bar.

    ``minutes``: open and close of the underlying.
    """
    random = Random(f"{seed}:options")
    for minute, (opened, closed) in enumerate(minutes):
        if minute % MINUTES_BETWEEN:
            continue
        for call in CALLS.values():
            first = max(1, call.cents(opened) + random.randrange(-3, 4))
            last = max(1, call.cents(closed) + random.randrange(-3, 4))
            volume = random.randrange(10, 90) * 10_000
            values = [first, max(first, last) + 2, max(1, min(first, last) - 2), last, volume]
            yield minute, call.symbol, values
