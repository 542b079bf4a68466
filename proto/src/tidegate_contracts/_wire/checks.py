"""What every generated codec calls: checks of values on their way to and from the wire.

Decimals travel as canonical plain text (`tidegate_kernel.money.plain`): one value, one text. A
decimal field that was added later is absent from older payloads and reads as zero.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from enum import IntEnum
from typing import Any, NamedTuple

from tidegate_contracts.errors import DecimalError, MemberError, PayloadError
from tidegate_kernel.money import ZERO, plain

TEXT_LENGTH_MAX = 100
DIGITS_MAX = 34
_CANONICAL = re.compile(r"(?!-0\Z)-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?\Z").match


class Codec(NamedTuple):
    """How one message travels. ``write`` fills a wire message, ``read`` makes a struct from one."""

    type: type[Any]
    schema: str
    write: Callable[[Any, Any], None]
    read: Callable[[Any], Any]


class Members(dict[int, Any]):
    """The members of an enum by number; an unknown number is an error."""

    def __init__(self, enum: type[IntEnum]) -> None:
        super().__init__((member.value, member) for member in enum)
        self.enum = enum

    def __missing__(self, number: int) -> Any:
        """Say which numbers exist."""
        known = ", ".join(f"{member.value} ({member.name})" for member in self.enum)
        raise MemberError(self.enum.__name__, f"one of {known}", str(number))


def decimal_text(value: Decimal, field: str) -> str:
    """Write a decimal as canonical text."""
    if not (isinstance(value, Decimal) and value.is_finite()):
        raise DecimalError(field, "a finite Decimal", repr(value))
    text = plain(value)
    if len(text) > DIGITS_MAX:
        _check_size(text, value, field)
    return text


def decimal_or_zero(text: str, field: str) -> Decimal:
    """Read a decimal; absent text is zero."""
    return decimal_of(text, field) if text else ZERO


def decimal_of(text: str, field: str) -> Decimal:
    """Read a decimal from canonical text."""
    if _CANONICAL(text) is None:
        raise DecimalError(
            field, "a plain decimal such as 12.5, without exponent or trailing zeros", repr(text)
        )
    value = Decimal(text)
    if len(text) > DIGITS_MAX:
        _check_size(text, value, field)
    return value


def _check_size(text: str, value: Decimal, field: str) -> None:
    """Refuse what the money context cannot hold exactly."""
    if len(text) > TEXT_LENGTH_MAX:
        raise DecimalError(field, f"at most {TEXT_LENGTH_MAX} characters", str(len(text)))
    if Decimal(plain(value)) != value or Decimal(text) != value:
        raise DecimalError(field, f"at most {DIGITS_MAX} significant digits", str(value))


def finite(value: float, field: str) -> float:
    """Return a float that is neither NaN nor infinite."""
    if not math.isfinite(value):
        raise PayloadError(field, "a finite number", repr(value))
    return value


def present(wire: Any, field: str) -> Any:
    """Return a message that must be there."""
    if not wire.HasField(field):
        raise PayloadError(field, "a message", "none")
    return getattr(wire, field)
