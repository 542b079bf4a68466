"""Time is an int: nanoseconds since 1970 in UTC. This module reads and writes it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tidegate_kernel.errors import TimeError

NS_PER_SECOND = 1_000_000_000
NS_PER_MILLISECOND = 1_000_000
NS_PER_MICROSECOND = 1_000
NS_PER_DAY = 86_400 * NS_PER_SECOND

_UNITS = {
    "ms": NS_PER_MILLISECOND,
    "s": NS_PER_SECOND,
    "m": 60 * NS_PER_SECOND,
    "h": 3_600 * NS_PER_SECOND,
    "d": NS_PER_DAY,
    "w": 7 * NS_PER_DAY,
}
_DURATION = re.compile(r"(\d+)(ms|s|m|h|d|w)")


def parse_duration(text: str) -> int:
    """Read a duration or timeframe such as ``5m``, ``1d`` or ``250ms`` as nanoseconds."""
    match = _DURATION.fullmatch(text)
    if match is None or int(match[1]) == 0:
        message = f"expected a duration such as 250ms, 5m, 1h or 1d, found {text!r}"
        raise TimeError(message)
    return int(match[1]) * _UNITS[match[2]]


def format_duration(duration_ns: int) -> str:
    """Write a duration with the largest unit that divides it, as `parse_duration` reads it."""
    for unit in ("d", "h", "m", "s", "ms"):
        if duration_ns % _UNITS[unit] == 0:
            return f"{duration_ns // _UNITS[unit]}{unit}"
    message = f"expected whole milliseconds, found {duration_ns} ns"
    raise TimeError(message)


def format_time(at_ns: int) -> str:
    """Write a time as ISO 8601 in UTC, with as many fractional digits as it needs."""
    seconds, fraction = divmod(at_ns, NS_PER_SECOND)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    if fraction:
        text += f".{fraction:09d}".rstrip("0")
    return text + "Z"


def parse_time(text: str) -> tuple[int, bool]:
    """Read ISO 8601; return the time and whether it named its zone (naive is taken as UTC)."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"expected an ISO 8601 time such as 2024-01-31T09:30:00Z, found {text!r}"
        raise TimeError(message) from error
    zoned = parsed.tzinfo is not None
    moment = parsed if zoned else parsed.replace(tzinfo=UTC)
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * NS_PER_SECOND + moment.microsecond * NS_PER_MICROSECOND, zoned


def day_of(at_ns: int) -> int:
    """Return the number of the UTC day that holds a time."""
    return at_ns // NS_PER_DAY


def is_same_day(one_ns: int, other_ns: int) -> bool:
    """Tell whether two times are in the same UTC day."""
    return one_ns // NS_PER_DAY == other_ns // NS_PER_DAY
