"""When something is due to the holder of one listing.

1. Borrowing and funding are due at their times of day, or at the times that were told.
2. A dividend or a split is due at its ex time.
3. At one time borrowing comes first, then funding, dividends, splits: what is held through the
   time is what they count.
"""

from __future__ import annotations

from bisect import bisect_left
from decimal import Decimal
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from tidegate_execution.core.paper.carry.parameters import Dividend, Split, rate_of
from tidegate_kernel.time import NS_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_contracts.market import Instrument
    from tidegate_execution.core.paper.carry.parameters import CarryRules

NEVER_NS = 2**63 - 1


class DueKind(IntEnum):
    """What may be due, in the order in which it counts at one time."""

    BORROW = 0
    FUNDING = 1
    DIVIDEND = 2
    SPLIT = 3


class Due(NamedTuple):
    """Something that is due at a time."""

    at_ns: int
    kind: DueKind
    # Of borrowing for a year of ``days``, of funding for an interval; otherwise 0.
    rate: Decimal = Decimal(0)
    days: int = 1
    action: Dividend | Split | None = None

    @property
    def is_action(self) -> bool:
        """Tell whether prices jump with it: the first bar that ends after it has the new ones."""
        return self.kind in (DueKind.DIVIDEND, DueKind.SPLIT)


class Schedule:
    """Everything that may ever be due to one listing."""

    def __init__(self, rules: CarryRules, instrument: Instrument) -> None:
        """Pick out what concerns an instrument."""
        symbol, asset_class = instrument.symbol, instrument.asset_class
        self.borrow_rate = rate_of(rules.borrow, symbol, asset_class)
        self._borrow_days = rules.borrow_days
        self.funding_rate = rate_of(rules.funding, symbol, asset_class)
        self._borrow_at_ns = rules.borrow_at_ns
        self._funding_at_ns = rules.funding_at_ns if self.funding_rate else ()
        points = [each for each in rules.funding_points if each.symbol == symbol and each.rate]
        self._points = sorted((Due(p.at_ns, DueKind.FUNDING, p.rate) for p in points), key=_order)
        found = [
            *(
                Due(e.ex_at_ns, DueKind.DIVIDEND, action=e)
                for e in rules.dividends
                if e.symbol == symbol
            ),
            *(Due(e.ex_at_ns, DueKind.SPLIT, action=e) for e in rules.splits if e.symbol == symbol),
        ]
        self._actions = sorted(found, key=_order)

    def __bool__(self) -> bool:
        return bool(self.borrow_rate or self._funding_at_ns or self._points or self._actions)

    def due(self, first_ns: int, end_ns: int) -> list[Due]:
        """Return what is due from a time to before another, in order."""
        found = [
            *_between(self._points, first_ns, end_ns),
            *_between(self._actions, first_ns, end_ns),
        ]
        if self.borrow_rate:
            times = _daily(self._borrow_at_ns, first_ns, end_ns)
            found += [
                Due(at_ns, DueKind.BORROW, self.borrow_rate, self._borrow_days) for at_ns in times
            ]
        for time_ns in self._funding_at_ns:
            times = _daily(time_ns, first_ns, end_ns)
            found += [Due(at_ns, DueKind.FUNDING, self.funding_rate) for at_ns in times]
        return sorted(found, key=_order)

    def next_ns(self, first_ns: int, *, held: bool, short: bool) -> int:
        """Return the first time, at or after another, at which something is due."""
        times = [each.at_ns for each in self._actions[_place(self._actions, first_ns) :][:1]]
        if held:
            times += [each.at_ns for each in self._points[_place(self._points, first_ns) :][:1]]
            times += [_next(time_ns, first_ns) for time_ns in self._funding_at_ns]
        if short and self.borrow_rate:
            times.append(_next(self._borrow_at_ns, first_ns))
        return min(times, default=NEVER_NS)


def _order(due: Due) -> tuple[int, int]:
    return due.at_ns, due.kind


def _place(sorted_due: list[Due], first_ns: int) -> int:
    return bisect_left(sorted_due, first_ns, key=lambda each: each.at_ns)


def _between(sorted_due: list[Due], first_ns: int, end_ns: int) -> list[Due]:
    return sorted_due[_place(sorted_due, first_ns) : _place(sorted_due, end_ns)]


def _next(time_ns: int, first_ns: int) -> int:
    """Return the first moment at a time of day, at or after another."""
    return first_ns + (time_ns - first_ns) % NS_PER_DAY


def _daily(time_ns: int, first_ns: int, end_ns: int) -> Iterable[int]:
    return range(_next(time_ns, first_ns), end_ns, NS_PER_DAY)
