"""What one breaker is, and what it looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND, day_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from tidegate_contracts.risk import DecisionNumber
    from tidegate_kernel.table import TransitionTable
    from tidegate_risk.core.book.book import Book
    from tidegate_risk.core.breakers.standing import BreakersState
    from tidegate_risk.core.breakers.table import Event, State
    from tidegate_risk.core.parameters import Limits


class Facts(msgspec.Struct, frozen=True):
    """Everything that a breaker may look at."""

    session: str
    currency: str
    limits: Limits
    book: Book
    state: BreakersState
    now_ns: int
    # What the account is worth now: by the newest closes, and by the account when it has just come.
    equity: Decimal
    # By the newest closes alone.
    marked_equity: Decimal


@dataclass(frozen=True, slots=True)
class Finding:
    """A limit that is crossed."""

    breaker: str
    # The strategy or symbol that is concerned; empty for the session.
    member: str
    # "expected ..., found ...".
    reason: str
    numbers: tuple[DecisionNumber, ...]
    # Of a pause: when it ends.
    until_ns: int = 0


def _always(_facts: Facts, _member: str) -> bool:
    return True


def _nothing(_facts: Facts, _member: str) -> None:
    return None


def next_day(now_ns: int) -> int:
    """Return when the next UTC day begins."""
    return (day_of(now_ns) + 1) * NS_PER_DAY


def in_an_hour(now_ns: int) -> int:
    """Return an hour later."""
    return now_ns + 3_600 * NS_PER_SECOND


def in_a_minute(now_ns: int) -> int:
    """Return a minute later."""
    return now_ns + 60 * NS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Breaker:
    """One breaker: where it acts, what it watches, and how it comes back."""

    name: str
    # What its scope names: session, strategy or instrument.
    kind: str
    table: TransitionTable[State, Event]
    # Sentences for people.
    watches: str
    comes_back: str
    # Whether it is switched on, and the level that it holds; a number of the gate's `Level`.
    enabled: Callable[[Limits], bool]
    level: Callable[[Limits], int]
    # Whether the policy `next_day` of a simulated operator lowers it.
    resumes: bool = True
    # When it is looked at again after a trip.
    looks_again: Callable[[int], int] = next_day
    # Whether what made it trip is over; asked at that time.
    over: Callable[[Facts, str], bool] = _always
    # What begins anew when it is over.
    reset: Callable[[Facts, str], None] = _nothing

    def scope(self, session: str, member: str) -> str:
        """Return the gate's scope of a member."""
        return f"session:{session}" if self.kind == "session" else f"{self.kind}:{session}/{member}"
