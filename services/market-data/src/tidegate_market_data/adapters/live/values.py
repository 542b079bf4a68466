"""A venue's numbers in an instrument's scales."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from tidegate_contracts.market import Bar
from tidegate_kernel.errors import MoneyError
from tidegate_kernel.money import SCALE_MAX, round_to_scaled
from tidegate_market_data.adapters.live.provider import ProviderFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_contracts.market import Instrument

SMALLEST = Decimal(1).scaleb(-SCALE_MAX)


def number_of(value: object, what: str) -> Decimal:
    """Return a number that must be there; a float means its shortest text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ProviderFailed(f"expected {what} as a number, found {type(value).__name__}")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ProviderFailed(f"expected {what} as a number, found {value!r}") from None
    if not number.is_finite():
        raise ProviderFailed(f"expected {what} as a finite number, found {value!r}")
    return number


def places_of(step: Decimal) -> int:
    """Return the decimal places that a step needs, at most 8."""
    exponent = step.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "finite"
    return min(max(-exponent, 0), SCALE_MAX)


def step_of(value: object, what: str) -> Decimal:
    """Return a tick or a lot: above 0, and no finer than what a scale can hold."""
    step = number_of(value, what)
    if step <= 0:
        raise ProviderFailed(f"expected {what} above 0, found {value!r}")
    return max(step, SMALLEST)


def bar_of(
    instrument: Instrument, times_ns: tuple[int, int], prices: Sequence[object], volume: object
) -> Bar:
    """Return a bar from start and length, and open, high, low, close.

    Prices that a venue computes (the middle of a quote) are rounded half-even, once.
    """
    start_ns, timeframe_ns = times_ns
    names = ("open", "high", "low", "close")
    try:
        scaled = [
            round_to_scaled(number_of(value, name), instrument.price_scale)
            for name, value in zip(names, prices, strict=True)
        ]
        size = round_to_scaled(number_of(volume, "volume"), instrument.size_scale)
    except (MoneyError, InvalidOperation) as error:
        raise ProviderFailed(f"a bar of {instrument.symbol}: {error}") from None
    return Bar(
        feed=instrument.feed,
        venue=instrument.venue,
        symbol=instrument.symbol,
        timeframe_ns=timeframe_ns,
        start_ns=start_ns,
        end_ns=start_ns + timeframe_ns,
        open=scaled[0],
        high=scaled[1],
        low=scaled[2],
        close=scaled[3],
        volume=size,
    )
