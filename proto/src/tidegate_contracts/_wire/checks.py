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
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

from google.protobuf.message import Message

from tidegate_contracts.errors import DecimalError, MemberError, PayloadError
from tidegate_kernel.money import ZERO, plain

TEXT_LENGTH_MAX = 100
DIGITS_MAX = 34
CACHE_SIZE = 65_536
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

    def __missing__(self, number: int) -> NoReturn:
        """Say which numbers exist."""
        known = ", ".join(f"{member.value} ({member.name})" for member in self.enum)
        raise MemberError(self.enum.__name__, f"one of {known}", str(number))


def decimal_text(value: Decimal, field: str) -> str:
    """Write a decimal as canonical text."""
    if type(value) is Decimal:
        text = str(value)
        if len(text) <= DIGITS_MAX and _CANONICAL(text) is not None:
            return text
        if value.is_finite():
            return _exact(value, plain(value), field)
    raise DecimalError(field, "a finite Decimal", repr(value))


def decimal_or_zero(text: str, field: str) -> Decimal:
    """Read a decimal; absent text is zero."""
    return decimal_of(text, field) if text else ZERO


def decimal_of(text: str, field: str) -> Decimal:
    """Read a decimal from canonical text."""
    value = _parsed(text)
    if value is not None:
        return value
    if len(text) > TEXT_LENGTH_MAX:
        raise DecimalError(field, f"at most {TEXT_LENGTH_MAX} characters", f"{len(text)}")
    if _CANONICAL(text) is None:
        form = "a plain decimal such as 12.5, without exponent or trailing zeros"
        raise DecimalError(field, form, repr(text))
    raise DecimalError(field, f"at most {DIGITS_MAX} significant digits", text)


@lru_cache(maxsize=CACHE_SIZE)
def _parsed(text: str) -> Decimal | None:
    """Return the value of canonical text. The same few prices and quantities come many times."""
    if len(text) > TEXT_LENGTH_MAX or _CANONICAL(text) is None:
        return None
    value = Decimal(text)
    return value if plain(value) == text else None


def _exact(value: Decimal, text: str, field: str) -> str:
    """Refuse what the money context cannot hold exactly."""
    if len(text) > TEXT_LENGTH_MAX:
        raise DecimalError(field, f"at most {TEXT_LENGTH_MAX} characters", f"{len(text)}")
    if Decimal(text) != value:
        raise DecimalError(field, f"at most {DIGITS_MAX} significant digits", f"{value}")
    return text


def finite(value: float, field: str) -> float:
    """Return a float that is neither NaN nor infinite."""
    if not math.isfinite(value):
        raise PayloadError(field, "a finite number", repr(value))
    return value


def present(wire: Message, field: str) -> Message:
    """Return a message that must be there."""
    if not wire.HasField(field):
        raise PayloadError(field, "a message", "none")
    held: Message = getattr(wire, field)
    return held
