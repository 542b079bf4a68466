"""Times in which nothing is opened: once, every so often, or around the venue's own hours.

Each holds its first moment and not its last, and ends by itself.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import msgspec

from tidegate_kernel.time import format_duration, format_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tidegate_contracts.market import OpenInterval

OPENING = "opening"
CLOSING = "closing"
FOLLOWED_MAX = 32
"""So many blackouts without a moment between them are looked at to say when they are over."""


class Blackout(msgspec.Struct, frozen=True):
    """One blackout: from ``begins_ns`` to ``ends_ns``.

    With ``every_ns`` it comes again after so long, and came before. With an ``anchor`` both times
    are counted from each opening or closing of the venue; an instrument that names no hours has
    neither.
    """

    name: str
    begins_ns: int
    ends_ns: int
    every_ns: int = 0
    anchor: str = ""

    def __str__(self) -> str:
        """Name it with its times, for people who compare two documents."""
        if self.anchor:
            lasts = format_duration(self.ends_ns - self.begins_ns)
            where = "after each" if self.anchor == OPENING else "before each"
            return f"{self.name}: {lasts} {where} {self.anchor}"
        times = f"{format_time(self.begins_ns)}/{format_time(self.ends_ns)}"
        again = f" and every {format_duration(self.every_ns)}" if self.every_ns else ""
        return f"{self.name}: {times}{again}"


def in_order(blackouts: Iterable[Blackout]) -> tuple[Blackout, ...]:
    """Return each once, the earliest first."""
    return tuple(sorted(set(blackouts), key=msgspec.structs.astuple))


def all_of(one: Sequence[Blackout], other: Sequence[Blackout]) -> tuple[Blackout, ...]:
    """Return the blackouts of both: together they are stricter than either."""
    return in_order((*one, *other))


def in_force(
    blackouts: Sequence[Blackout], now_ns: int, hours: Sequence[OpenInterval]
) -> tuple[Blackout, int] | None:
    """Return the blackout that holds now, and when nothing does any more; None without one.

    Where one ends while another holds, the last of them is named; of those that always follow each
    other the end is that of the `FOLLOWED_MAX`-th.
    """
    found = None
    for _ in range(FOLLOWED_MAX):
        held = list(_holding(blackouts, now_ns, hours))
        if not held:
            break
        found = max(held, key=_ending)
        now_ns = _ending(found)
    return found


def _holding(
    blackouts: Sequence[Blackout], now_ns: int, hours: Sequence[OpenInterval]
) -> Iterator[tuple[Blackout, int]]:
    """Yield each blackout that holds now with its end."""
    for blackout in blackouts:
        for begins_ns, ends_ns in _near(blackout, now_ns, hours):
            if begins_ns <= now_ns < ends_ns:
                yield blackout, ends_ns


def _ending(held: tuple[Blackout, int]) -> int:
    return held[1]


def _near(
    blackout: Blackout, now_ns: int, hours: Sequence[OpenInterval]
) -> Iterator[tuple[int, int]]:
    """Yield the times of a blackout that may hold now."""
    begins_ns, ends_ns = blackout.begins_ns, blackout.ends_ns
    if blackout.anchor:
        for at_ns in _anchors(blackout, now_ns, hours):
            yield at_ns + begins_ns, at_ns + ends_ns
    elif blackout.every_ns:
        last_ns = now_ns - (now_ns - begins_ns) % blackout.every_ns
        yield last_ns, last_ns + ends_ns - begins_ns
    else:
        yield begins_ns, ends_ns


def _anchors(blackout: Blackout, now_ns: int, hours: Sequence[OpenInterval]) -> Iterator[int]:
    """Yield the openings, or closings, of which ``begins_ns`` is not ahead any more.

    Those of a blackout that is over are left out from the first one on: hours do not overlap.
    """
    closing = blackout.anchor == CLOSING
    begun = bisect_right(hours, now_ns - blackout.begins_ns, key=_closing if closing else _opening)
    for interval in reversed(hours[:begun]):
        at_ns = interval.closes_at_ns if closing else interval.opens_at_ns
        if at_ns + blackout.ends_ns <= now_ns:
            return
        yield at_ns


def _opening(interval: OpenInterval) -> int:
    return interval.opens_at_ns


def _closing(interval: OpenInterval) -> int:
    return interval.closes_at_ns
