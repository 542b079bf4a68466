"""Mistakes of risk: what it reserves, how it adds up, who may lower its gate."""

from __future__ import annotations

from typing import Any

from tidegate_contracts.execution import OrderState
from tidegate_lab.simulate.mutants.mutant import Change, Mutant
from tidegate_risk.core.book import orders
from tidegate_risk.core.book.book import Book, Reach
from tidegate_risk.core.book.orders import OpenOrders
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.decision.state import DecisionState
from tidegate_risk.core.gate import machine as gate_machine


def _net(book: Book) -> dict[str, Reach]:
    """Let open sells make room for buys."""
    found = {}
    for listing, (buys, sells) in book.orders.open_sides().items():
        netted = book.holdings.position(listing) + buys - sells
        found[listing] = Reach(netted, netted)
    return found


def _answer_anyway(machine: DecisionMachine, event: Any, now_ns: int) -> Any:
    """Decide without what the signal depends on."""
    return machine.handle(event.body, now_ns)


MUTANTS = (
    Mutant(
        "net_instead_of_worst_case",
        "exposure is the worst of both sides",
        (Change(Book, "open_reaches", _net),),
    ),
    Mutant(
        "pending_entries_do_not_count",
        "what is being bought counts as held",
        (Change(Book, "exposed_listings", lambda book: list(book.holdings.positions)),),
    ),
    Mutant(
        "approval_reserves_nothing",
        "an approval reserves its order at once",
        (Change(OpenOrders, "reserve", lambda *_: None),),
    ),
    Mutant(
        "unknown_frees_its_reserve",
        "an order keeps its reserve until it has provably ended",
        (Change(orders, "ENDED", frozenset({*orders.ENDED, OrderState.UNKNOWN})),),
        ("bad_line",),
    ),
    Mutant(
        "a_signal_is_answered_again",
        "a signal gets one verdict",
        (Change(DecisionState, "remember", lambda *_: True),),
    ),
    Mutant(
        "missing_cause_is_no_matter",
        "a missing input is refused",
        (Change(DecisionMachine, "_on_cause_missing", _answer_anyway),),
    ),
    Mutant(
        "one_principal_lowers",
        "two different principals lower the gate",
        (Change(gate_machine, "approval_fault", lambda _approval: None),),
        ("kill_switch",),
    ),
)
"""Risk's."""
