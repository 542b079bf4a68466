"""What the decision machine remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_kernel.gate import GateView
from tidegate_risk.core.book.approvals import Approval
from tidegate_risk.core.book.book import Book, new_book
from tidegate_risk.core.breakers.standing import BreakersState, new_breakers

if TYPE_CHECKING:
    from tidegate_risk.core.parameters import DecisionParameters

SIGNALS_REMEMBERED = 10_000
"""A signal repeated after this many others is older than any signal may be when it may increase."""


class DecisionState(msgspec.Struct):
    """The book, the gate, the breakers, what was decided and approved, and whose term it is."""

    book: Book
    gate: GateView
    decided: dict[str, None] = {}
    approvals: list[Approval] = []
    term: int = 0
    breakers: BreakersState = msgspec.field(default_factory=BreakersState)

    def remember(self, signal: str) -> bool:
        """Note that a signal gets its verdict now; False if it has had one."""
        if signal in self.decided:
            return False
        self.decided[signal] = None
        if len(self.decided) > SIGNALS_REMEMBERED:
            del self.decided[next(iter(self.decided))]
        return True

    def forget_approvals(self, until_ns: int) -> None:
        """Drop the approvals that no window reaches any more."""
        while self.approvals and self.approvals[0].at_ns <= until_ns:
            del self.approvals[0]


def new_state(parameters: DecisionParameters) -> DecisionState:
    """Return the state of a session that begins."""
    return DecisionState(
        book=new_book(parameters.capital, parameters.currency),
        gate=GateView(),
        breakers=new_breakers(parameters.capital),
    )
