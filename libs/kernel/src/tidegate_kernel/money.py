"""Exact numbers: scaled integers for market data, `Decimal` for orders and the ledger.

One decimal context rules everywhere: 34 digits, half-even, and every loss of meaning raises.
Floats never enter here except through `quantize_float`, which features use on their way out.
"""

from __future__ import annotations

import math
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    setcontext,
)
from functools import lru_cache

from tidegate_kernel.errors import MoneyError

MONEY_CONTEXT = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""The one decimal context. Hosts call `use_money_context` once in every thread that runs a core."""

ZERO = Decimal(0)
INT64_MAX = 2**63 - 1
SCALE_MAX = 8
VALUES_KEPT = 4_096
"""Decimals that are kept: many machines ask for the price of the same bar."""
_STEPS = tuple(Decimal(1).scaleb(-scale) for scale in range(19))


def use_money_context() -> None:
    """Make `MONEY_CONTEXT` the context of this thread."""
    setcontext(MONEY_CONTEXT)


@lru_cache(VALUES_KEPT)
def to_decimal(scaled: int, scale: int) -> Decimal:
    """Return the exact value of an integer in a scale: ``to_decimal(12345, 2) == 123.45``."""
    return Decimal(scaled).scaleb(-scale, MONEY_CONTEXT)


def to_scaled(value: Decimal, scale: int) -> int:
    """Return ``value`` as an integer in ``scale``; off the grid or beyond 64 bits is an error."""
    scaled = value.scaleb(scale, MONEY_CONTEXT)
    whole = int(scaled)
    if whole != scaled:
        message = f"expected a multiple of {plain(_STEPS[scale])}, found {plain(value)}"
        raise MoneyError(message)
    return checked_int64(whole)


def round_to_scaled(value: Decimal, scale: int) -> int:
    """Return a computed value as an integer in ``scale``, rounded half-even once."""
    rounded = value.quantize(_STEPS[scale], ROUND_HALF_EVEN, MONEY_CONTEXT)
    return checked_int64(int(rounded.scaleb(scale, MONEY_CONTEXT)))


def checked_int64(value: int) -> int:
    """Return ``value`` if it fits a signed 64-bit integer."""
    if not -INT64_MAX - 1 <= value <= INT64_MAX:
        message = f"expected a number that fits 64 bits, found {value}"
        raise MoneyError(message)
    return value


def smallest_scale(texts: list[str]) -> int:
    """Return the fewest decimal places (at most 8) that hold every given decimal text."""
    places = 0
    for text in texts:
        exponent = Decimal(text).normalize(MONEY_CONTEXT).as_tuple().exponent
        if not isinstance(exponent, int):
            message = f"expected a finite number, found {text!r}"
            raise MoneyError(message)
        places = max(places, -exponent)
    return min(places, SCALE_MAX)


def round_down(value: Decimal, step: Decimal) -> Decimal:
    """Return the largest multiple of ``step`` that is not beyond ``value``, towards zero."""
    if step <= 0:
        message = f"expected a step above 0, found {plain(step)}"
        raise MoneyError(message)
    steps = (value / step).to_integral_value(ROUND_DOWN, MONEY_CONTEXT)
    return (steps * step).normalize(MONEY_CONTEXT)


def is_multiple(value: Decimal, step: Decimal) -> bool:
    """Tell whether ``value`` lies on the grid of ``step``."""
    return value % step == 0


def quantize(value: Decimal, places: int) -> Decimal:
    """Round half-even to a number of decimal places."""
    return value.quantize(_STEPS[places], ROUND_HALF_EVEN, MONEY_CONTEXT)


def quantize_float(value: float, places: int) -> Decimal:
    """Turn a computed float into a decimal with declared places; NaN and infinity are errors."""
    if not math.isfinite(value):
        message = f"expected a finite number, found {value}"
        raise MoneyError(message)
    return quantize(Decimal(repr(value)), places)


def plain(value: Decimal) -> str:
    """Return the canonical text: no exponent, no trailing zeros, no negative zero."""
    if not value:
        return "0"
    return f"{value.normalize(MONEY_CONTEXT):f}"
