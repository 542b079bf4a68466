"""Mistakes of execution: what it sends, how it resolves what it does not know, what it books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate_contracts.execution import OrderState, SubmitOrder, VenueEntry
from tidegate_execution.adapters.guard import Guard
from tidegate_execution.adapters.handover import Handover
from tidegate_execution.core import (
    evidence,
    flattening,
    last_hop,
    machine,
    reconciliation,
    resolution,
    submission,
    venue_requests,
)
from tidegate_execution.core.entries import booking
from tidegate_execution.core.exits import attached
from tidegate_execution.core.orders import fills
from tidegate_execution.core.orders.changes import change
from tidegate_execution.core.orders.lifecycle import OrderInput
from tidegate_execution.core.orders.order import Occasion
from tidegate_execution.core.slicing import keeping as slices
from tidegate_execution.core.venue_requests import send
from tidegate_kernel.machine import Interrupted, TermStarted, Withheld
from tidegate_kernel.money import ZERO
from tidegate_lab.simulate.execution import StoredFlags
from tidegate_lab.simulate.mutants.mutant import Change, Mutant

if TYPE_CHECKING:
    from tidegate_contracts.execution import VenueReport
    from tidegate_contracts.risk import Verdict
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.turn import Turn
    from tidegate_kernel.machine import Event

_book = fills.book
_book_entry = booking._book
_interrupted = machine._HANDLERS[Interrupted]
_order = submission._order
_begin_term = machine._HANDLERS[TermStarted]
_take_report = evidence.take_report


def _timeout_means_rejected(turn: Turn, event: Event) -> None:
    assert isinstance(event, Interrupted)
    order = machine._order_of(turn, event.request)
    if isinstance(event.request, SubmitOrder) and order is not None:
        refusal = Withheld(event.port, event.request, "TIMEOUT", "no answer")
        submission.take_withheld(turn, order, refusal)
    else:
        _interrupted(turn, event)


def _ignore_entry(_turn: Turn, _event: Event) -> None:
    pass


def _send_again_at_once(turn: Turn, order: Order, reason: str) -> None:
    occasion = Occasion(turn.now_ns, "OUTCOME_UNKNOWN", reason)
    change(turn, order, OrderInput.OUTCOME_UNKNOWN, occasion)
    if order.state == OrderState.UNKNOWN and order.sends < turn.parameters.sends_max:
        send(turn, order)


def _never_ask(turn: Turn, order: Order, reason: str) -> None:
    occasion = Occasion(turn.now_ns, "OUTCOME_UNKNOWN", reason)
    change(turn, order, OrderInput.OUTCOME_UNKNOWN, occasion)


def _book_again(turn: Turn, order: Order, execution: Any) -> bool:
    """Book an execution whether or not it is known."""
    order.execution_ids = [each for each in order.execution_ids if each != execution.execution_id]
    return _book(turn, order, execution)


def _book_leg_again(turn: Turn, order: Order, execution: Any) -> bool:
    """Book an execution of a leg whether or not it is known."""
    return (_book_again if order.specification.legs else _book)(turn, order, execution)


def _ignore_late_reports(turn: Turn, report: VenueReport) -> None:
    order = turn.state.find(report.client_order_id)
    if order is None or not order.ended:
        _take_report(turn, report)


def _trust_the_sum(turn: Turn, order: Order) -> None:
    """Close an order when the venue says so, whatever was booked."""
    if order.ended:
        return
    if order.reported_quantity >= order.specification.quantity:
        change(turn, order, OrderInput.FILLED_ALL, Occasion(turn.now_ns))
    elif order.ending is not None:
        ending, order.ending = order.ending, None
        change(turn, order, ending.event, ending.occasion)


def _without(*names: str) -> tuple[last_hop.Rule, ...]:
    return tuple(rule for rule in last_hop.RULES if rule.__name__ not in names)


def _own_id(verdict: Verdict, specification: Any) -> Order:
    """Make an id that a second attempt would not make again."""
    order = _order(verdict, specification)
    order.specification = type(specification)(
        **{
            **{
                name: getattr(order.specification, name) for name in specification.__struct_fields__
            },
            "client_order_id": f"{order.client_order_id[:-4]}-{verdict.term}",
        }
    )
    return order


def _book_entry_twice(turn: Turn, entry: VenueEntry) -> None:
    _book_entry(turn, entry)
    _book_entry(turn, entry)


def _forget_slices(turn: Turn, event: Event) -> None:
    """Begin a term without knowing which slices are open."""
    for slicing in turn.state.slicings.values():
        slicing.slice_id = ""
    _begin_term(turn, event)


async def _keep_in_memory(*_: object) -> None:
    return None


MUTANTS = (
    Mutant(
        "timeout_means_rejected",
        "what is not proven is UNKNOWN",
        (Change(machine._HANDLERS, Interrupted, _timeout_means_rejected),),
    ),
    Mutant(
        "blind_resend",
        "where ids count only while open, nothing is sent again",
        (Change(resolution, "become_unknown", _send_again_at_once),),
    ),
    Mutant(
        "unknown_is_never_asked_about",
        "every UNKNOWN is resolved",
        (Change(resolution, "become_unknown", _never_ask),),
    ),
    Mutant(
        "not_found_is_final_at_once",
        "not found proves nothing before the venue's window is over",
        (
            Change(
                resolution,
                "look_again",
                lambda turn, order: change(
                    turn, order, OrderInput.NOT_FOUND_FINALLY, Occasion(turn.now_ns)
                ),
            ),
        ),
    ),
    Mutant(
        "fill_not_deduplicated",
        "an execution is booked once",
        (Change(evidence, "book", _book_again),),
    ),
    Mutant(
        "leg_fill_not_deduplicated",
        "an execution of a leg is booked once",
        (Change(evidence, "book", _book_leg_again),),
    ),
    Mutant(
        "uneven_end_is_no_matter",
        "legs that make no whole structures halt the account",
        (Change(evidence, "is_uneven", lambda _order: False),),
    ),
    Mutant(
        "cover_sold_at_once",
        "a flattening buys back what was sold before it sells what may cover it",
        (Change(flattening, "_sold_on", lambda *_: set()),),
        ("kill_switch",),
    ),
    Mutant(
        "one_leg_closed_alone",
        "what is sold is closed with what its strategy has bought on the same underlying",
        (Change(flattening, "_uncovered", lambda *_: []),),
        ("kill_switch",),
    ),
    Mutant(
        "account_entries_ignored",
        "what the venue pays without an order is money",
        (Change(machine._HANDLERS, VenueEntry, _ignore_entry),),
    ),
    Mutant(
        "late_reports_ignored",
        "a fill of an ended order is money",
        (Change(machine, "take_report", _ignore_late_reports),),
        ("broken_promise",),
    ),
    Mutant(
        "done_is_trusted",
        "an order closes when its fills add up",
        (Change(evidence, "settle", _trust_the_sum),),
    ),
    Mutant(
        "no_expiry",
        "a verdict that has expired is not sent",
        (Change(last_hop, "RULES", _without("has_not_expired")),),
    ),
    Mutant(
        "client_id_not_deterministic",
        "a client order id derives from its signal",
        (Change(submission, "_order", _own_id),),
    ),
    Mutant(
        "unknown_holds_nothing_up",
        "nothing new is sent while an outcome is unknown",
        (Change(submission, "why_not_ready", lambda _turn: ""),),
    ),
    Mutant(
        "never_reconciled",
        "the account is compared with the venue's",
        (
            Change(reconciliation, "_ask_about_unlisted", lambda *_: None),
            Change(reconciliation, "_compare_holdings", lambda *_: ""),
        ),
    ),
    Mutant(
        "heartbeat_ignored",
        "silence of risk shuts the gate",
        (Change(Guard, "_heartbeat_withholds", lambda *_: None),),
    ),
    Mutant(
        "kill_in_memory_only",
        "a kill survives a restart",
        (
            Change(StoredFlags, "store", lambda _flags: None),
            Change(Handover, "_latch", _keep_in_memory),
        ),
        ("kill_switch", "crash", "kill"),
    ),
    Mutant(
        "slice_forgets_its_siblings",
        "slices are together never more than their order",
        (Change(slices, "taken", lambda *_: ZERO),),
    ),
    Mutant(
        "slice_forgotten_in_a_crash",
        "a slice is open until it has provably ended, whatever crashes",
        (Change(machine._HANDLERS, TermStarted, _forget_slices),),
    ),
    Mutant(
        "exits_are_not_bound_to_their_entry",
        "what an entry was sent with is neither resized nor joined while the entry is open",
        (
            Change(attached, "is_bound", lambda *_: False),
            Change(venue_requests, "is_bound", lambda *_: False),
        ),
    ),
    Mutant(
        "entry_booked_twice",
        "what the venue pays without an order is booked once",
        (Change(booking, "_book", _book_entry_twice),),
    ),
    Mutant(
        "gate_ignored_at_the_last_hop",
        "the gate is asked again at the last hop",
        (Change(last_hop, "RULES", _without("gate_lets_it_through", "knew_the_gate")),),
        ("kill_switch",),
    ),
)
"""Execution's."""
