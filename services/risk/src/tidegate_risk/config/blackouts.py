"""How people write a blackout, and what the core is told.

=================================================  ================================================
`2026-01-28T18:55:00Z/2026-01-28T19:30:00Z`        once
`every Fri 21:00-22:00`                            every week; days as `Mon-Fri`, `Sat,Sun` or `day`
`every Fri 21:00-Sun 22:00`                        every week, over days
`15m after open`, `30m before close`               around the hours that the instrument names
=================================================  ================================================

All times are UTC. Of a time of day before the other the later one is the next day's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tidegate_kernel.errors import TimeError
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND, parse_duration, parse_time
from tidegate_risk.core.schedules.blackouts import CLOSING, OPENING, Blackout, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORMS = (
    "2026-01-28T18:55:00Z/2026-01-28T19:30:00Z, `every Fri 21:00-22:00`, "
    "`every Mon-Fri 14:25-14:35`, `every day 23:50-00:10`, `every Fri 21:00-Sun 22:00`, "
    "`15m after open` or `15m before close`"
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHORT = 3
WEEK_NS = len(DAYS) * NS_PER_DAY
# The first Monday after 1970-01-01, which was a Thursday.
FIRST_MONDAY_NS = 4 * NS_PER_DAY
LASTS_MAX_NS = NS_PER_DAY
MINUTES = 60
DAY_S = NS_PER_DAY // NS_PER_SECOND
_WEEKLY = re.compile(
    r"every\s+(?P<days>\S+)\s+(?P<begins>\d\d:\d\d)\s*-\s*(?:(?P<last>[a-z]+)\s+)?"
    r"(?P<ends>\d\d:\d\d)(?:\s+utc)?"
)
_ANCHORED = re.compile(r"(?P<lasts>\w+)\s+(?P<where>after\s+open|before\s+close)")


def blackouts_of(written: Mapping[str, str]) -> tuple[Blackout, ...]:
    """Return what the core is told, the earliest first."""
    return in_order(each for name, text in written.items() for each in read(name, text))


def checked(text: str) -> str:
    """Return a blackout as it was written if it is one."""
    read("", text)
    return text


def read(name: str, text: str) -> tuple[Blackout, ...]:
    """Read one blackout; of several days it is several. What is none raises `ValueError`."""
    words = " ".join(text.lower().split())
    weekly, anchored = _WEEKLY.fullmatch(words), _ANCHORED.fullmatch(words)
    try:
        if weekly is not None:
            return tuple(_weekly(name, weekly))
        if anchored is not None:
            return (_anchored(name, anchored),)
        return (_once(name, text),)
    except ValueError as error:
        message = f"expected {error}, found {text!r}; a blackout is one of {FORMS}, in UTC"
        raise ValueError(message) from None


def _once(name: str, text: str) -> Blackout:
    begins, slash, ends = text.partition("/")
    if not slash:
        message = "one of its forms"
        raise ValueError(message)
    try:
        begins_ns, ends_ns = parse_time(begins)[0], parse_time(ends)[0]
    except TimeError:
        message = "two times with a slash between them"
        raise ValueError(message) from None
    if begins_ns >= ends_ns:
        message = "the earlier time first"
        raise ValueError(message)
    return Blackout(name, begins_ns, ends_ns)


def _weekly(name: str, found: re.Match[str]) -> Iterator[Blackout]:
    begins_ns, ends_ns = _time_of_day(found["begins"]), _time_of_day(found["ends"], last=True)
    if found["last"] is not None:
        first, last = _day(found["days"]), _day(found["last"])
        lasts_ns = (last - first) * NS_PER_DAY + ends_ns - begins_ns
        if lasts_ns == 0:
            message = "two different moments of the week"
            raise ValueError(message)
        begins_ns += FIRST_MONDAY_NS + first * NS_PER_DAY
        yield Blackout(name, begins_ns, begins_ns + lasts_ns % WEEK_NS, WEEK_NS)
        return
    if begins_ns == ends_ns:
        message = "two different times of the day"
        raise ValueError(message)
    lasts_ns = ends_ns - begins_ns + (NS_PER_DAY if ends_ns < begins_ns else 0)
    if found["days"] == "day":
        if lasts_ns == NS_PER_DAY:
            message = "a blackout that ends (to forbid entries for good: entries_allowed: false)"
            raise ValueError(message)
        begins_ns += FIRST_MONDAY_NS
        yield Blackout(name, begins_ns, begins_ns + lasts_ns, NS_PER_DAY)
        return
    for day in _days(found["days"]):
        day_ns = FIRST_MONDAY_NS + day * NS_PER_DAY + begins_ns
        yield Blackout(name, day_ns, day_ns + lasts_ns, WEEK_NS)


def _days(text: str) -> Iterator[int]:
    """Yield the days of a list of days and of ranges of days; a range may pass Sunday."""
    for part in text.split(","):
        first, dash, last = part.partition("-")
        begins = _day(first)
        count = (_day(last) - begins) % len(DAYS) + 1 if dash else 1
        for n in range(begins, begins + count):
            yield n % len(DAYS)


def _day(text: str) -> int:
    """Return the number of a day, from the first three letters of its name or more."""
    for n, day in enumerate(DAYS):
        if len(text) >= SHORT and day.startswith(text):
            return n
    message = f"a day of the week, as {', '.join(day[:SHORT].capitalize() for day in DAYS)}"
    raise ValueError(message)


def _time_of_day(text: str, *, last: bool = False) -> int:
    """Read `HH:MM`; 24:00 is the end of the day."""
    hour, minute = int(text[:2]), int(text[3:])
    seconds = (hour * MINUTES + minute) * 60
    if minute >= MINUTES or seconds > DAY_S or (seconds == DAY_S and not last):
        message = "times from 00:00 to 23:59, or 24:00 at the end"
        raise ValueError(message)
    return seconds * NS_PER_SECOND


def _anchored(name: str, found: re.Match[str]) -> Blackout:
    try:
        lasts_ns = parse_duration(found["lasts"])
    except TimeError:
        message = "a duration such as 15m or 1h"
        raise ValueError(message) from None
    if lasts_ns > LASTS_MAX_NS:
        message = "a duration of at most a day"
        raise ValueError(message)
    if found["where"].startswith("after"):
        return Blackout(name, 0, lasts_ns, 0, OPENING)
    return Blackout(name, -lasts_ns, 0, 0, CLOSING)
