"""Mistakes of risk: what it reserves, how it adds up, who may lower its gate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tidegate_contracts.execution import OrderState
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.money import ZERO
from tidegate_lab.simulate.mutants.mutant import Change, Mutant
from tidegate_risk.core.book import orders
from tidegate_risk.core.book.book import Book, Reach
from tidegate_risk.core.book.orders import OpenOrders
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.decision.state import DecisionState
from tidegate_risk.core.gate import lowering, machine as gate_machine
from tidegate_risk.core.rules import option_greeks
from tidegate_risk.core.structures import deciding

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.structures.judging import Structure

_report = OpenOrders.report
_reserve = deciding._reserve
_SEEN_OR_NOT = tuple(rule for rule in lowering.REQUEST_RULES if rule.code != "RAISED_SINCE")


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


def _forget_replaced(open_orders: OpenOrders, event: Any, market: Any) -> None:
    """Free what an order reserves when another is to replace it, and reserve nothing for that."""
    entry = client_order_id(event.signal_key, 0) if event.signal_key else ""
    first = open_orders.by_id.get(entry)
    sliced = first is not None and first.sliced
    if event.leg > 0 and not event.specification.reduce_only and not sliced:
        open_orders.by_id.pop(entry, None)
    else:
        _report(open_orders, event, market)


def _netted(proposal: Proposal) -> dict[str, Decimal]:
    """Let what is sold of one leg make room for what is bought of another."""
    held = proposal.question.book.holdings.position
    reaches = {**proposal.question.reaches, proposal.question.listing: proposal.reach}
    totals = dict.fromkeys(("delta", "gamma", "vega", "theta"), ZERO)
    for listing, reach in reaches.items():
        filled = reach.up + reach.down - held(listing)
        for name, each in option_greeks._greeks_of(proposal, listing).items():
            totals[name] += each * filled
    return {name: abs(total) for name, total in totals.items()}


def _reserve_first(structure: Structure, leg: Proposal) -> None:
    """Keep back the first leg alone."""
    if leg.specification.symbol == structure.specification.legs[0].symbol:
        _reserve(structure, leg)


def _as_asked_before(asked: Any, **changes: Any) -> Any:
    """Judge a leg by what was worked out before those in front of it were reserved."""
    return replace(asked, **changes) if changes else asked


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
        "replacement_reserves_nothing",
        "an order keeps its reserve while it is replaced, and what replaces it has one of its own",
        (Change(OpenOrders, "report", _forget_replaced),),
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
        "legs_are_netted",
        "exposures of legs are those of the worst case",
        (Change(option_greeks, "_totals", _netted),),
    ),
    Mutant(
        "first_leg_is_reserved_alone",
        "each leg is open in its own listing until the order ends",
        (Change(deciding, "_reserve", _reserve_first),),
    ),
    Mutant(
        "legs_before_do_not_count",
        "a leg is judged with those before it as open orders",
        (Change(deciding, "replace", _as_asked_before),),
    ),
    Mutant(
        "one_principal_lowers",
        "two different principals lower the gate",
        (Change(gate_machine, "approval_fault", lambda _approval: None),),
        ("kill_switch",),
    ),
    Mutant(
        "an_unseen_raise_is_lowered",
        "a lowering ends nothing that was raised after its author has looked",
        (Change(lowering, "REQUEST_RULES", _SEEN_OR_NOT),),
        ("kill_switch",),
    ),
)
"""Risk's."""
