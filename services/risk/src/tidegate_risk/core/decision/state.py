"""What the decision machine remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_kernel.gate import GateView
from tidegate_risk.core.book.approvals import Approval
from tidegate_risk.core.book.book import Book, new_book
from tidegate_risk.core.breakers.standing import BreakersState, new_breakers
from tidegate_risk.core.changes.document import configured, filled
from tidegate_risk.core.changes.standing import LimitsStanding, new_standing
from tidegate_risk.core.manual.answers import PlacedOrders
from tidegate_risk.core.portfolio.state import PortfolioRisk, decode_portfolio

if TYPE_CHECKING:
    from tidegate_risk.core.parameters import DecisionParameters

SIGNALS_REMEMBERED = 10_000
"""A signal repeated after this many others is older than any signal may be when it may increase."""


class DecisionState(msgspec.Struct):
    """Book, gate, limits, breakers, what was decided and approved, the term, and past closes."""

    book: Book
    gate: GateView
    limits: LimitsStanding
    decided: dict[str, None] = {}
    approvals: list[Approval] = []
    term: int = 0
    breakers: BreakersState = msgspec.field(default_factory=BreakersState)
    portfolio: PortfolioRisk = msgspec.field(default_factory=PortfolioRisk)
    # The model version that each strategy's first signal named.
    models: dict[str, str] = {}
    # What people have placed by hand.
    placed: PlacedOrders = msgspec.field(default_factory=PlacedOrders)
    # When the session's first signal came; 0 before it.
    began_ns: int = 0

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
        limits=new_standing(configured(parameters)),
    )


def read_state(snapshot: bytes, parameters: DecisionParameters) -> DecisionState:
    """Read a snapshot; one that an older version has left is brought to this version's form."""
    try:
        return _decoder.decode(snapshot)
    except msgspec.ValidationError:
        migrated = _migrated(msgspec.msgpack.decode(snapshot), parameters)
        return _decoder.decode(msgspec.msgpack.encode(migrated))


def _migrated(state: dict[str, Any], parameters: DecisionParameters) -> dict[str, Any]:
    """Fill in what older versions did not know.

    The standing of the limits: then the configuration's document was in force. Limits that have
    been added since: then the configuration says them.
    """
    given = _plain(parameters)
    standing = state.setdefault("limits", _plain(new_standing(configured(parameters))))
    documents = [standing["document"], *(r["document"] for r in standing["requests"].values())]
    for document in documents:
        resolved = document["resolved"]
        for holder in (resolved, *resolved["overrides"]):
            holder["limits"] = filled(holder["limits"], given["limits"])
    return state


def _plain(value: msgspec.Struct) -> dict[str, Any]:
    """Return a struct as a snapshot would give it back."""
    document: dict[str, Any] = msgspec.msgpack.decode(msgspec.msgpack.encode(value))
    return document


_decoder = msgspec.msgpack.Decoder(DecisionState, dec_hook=decode_portfolio)
