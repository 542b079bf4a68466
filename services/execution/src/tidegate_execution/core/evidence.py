"""What the venue proves about an order: executions, endings, and what a query finds.

An order ends only when its booked executions add up to what the venue counts; until then the
venue is asked for the missing ones. One with legs (`orders.legs`) is asked about once more if it
has ended with legs that make no whole structures: only then it is known to be incomplete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderState, VenueReportKind
from tidegate_execution.core.exits.attached import begin_exits, known_order
from tidegate_execution.core.exits.plan import take_fill
from tidegate_execution.core.gatekeeping import halt
from tidegate_execution.core.held.holding import end_siblings
from tidegate_execution.core.last_hop import expired
from tidegate_execution.core.orders.attached import entry_of
from tidegate_execution.core.orders.changes import change
from tidegate_execution.core.orders.fills import book
from tidegate_execution.core.orders.legs import (
    described,
    hear_legs,
    is_overfilled,
    is_uneven,
    lacks_legs,
    leg_named,
)
from tidegate_execution.core.orders.lifecycle import OrderInput
from tidegate_execution.core.orders.order import Ending, Occasion
from tidegate_execution.core.reasons import Code
from tidegate_execution.core.slicing.plan import fill_parent
from tidegate_execution.core.venue_requests import cancel, cancel_by_id, look_again, query
from tidegate_kernel.gate import Activity
from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from tidegate_contracts.execution import VenueExecution, VenueOrder, VenueReport
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.turn import Turn

_ENDINGS = {
    VenueReportKind.CANCELLED: OrderInput.CANCELLED,
    VenueReportKind.EXPIRED: OrderInput.EXPIRED,
    VenueReportKind.REJECTED: OrderInput.VENUE_REJECTED,
}
_ENDED_AT_VENUE = {
    OrderState.CANCELLED: OrderInput.CANCELLED,
    OrderState.EXPIRED: OrderInput.EXPIRED,
    OrderState.REJECTED: OrderInput.VENUE_REJECTED,
}
_CODES = {
    OrderInput.CANCELLED: Code.VENUE_CANCELLED,
    OrderInput.EXPIRED: Code.VENUE_EXPIRED,
    OrderInput.VENUE_REJECTED: Code.VENUE_REJECTED,
}


def take_report(turn: Turn, report: VenueReport) -> None:
    """Take what the venue says by itself."""
    order = known_order(turn, report.client_order_id)
    if order is None:
        found = f"a report on {report.client_order_id} in {report.symbol}"
        halt(turn, Code.FOREIGN_ORDER, report.client_order_id, f"expected only our orders, {found}")
        return
    if order.state == OrderState.PENDING or order.is_parent:
        _contradiction(turn, order, f"{report.kind.name} before it was sent")
        return
    order.venue_order_id = order.venue_order_id or report.venue_order_id
    order.reported_quantity = max(order.reported_quantity, report.filled_quantity)
    hear_legs(order, report.legs_filled)
    if report.execution is not None:
        take_execution(turn, order, report.execution)
    event = _ENDINGS.get(report.kind)
    if event is not None:
        _note_ending(order, event, report.event_at_ns, report.reason)
    settle(turn, order)


def take_found(turn: Turn, order: Order, found: VenueOrder) -> None:
    """Take what a query found: the venue's whole knowledge of the order."""
    if order.state == OrderState.PENDING or order.is_parent:
        _contradiction(turn, order, "the venue knows it before it was sent")
        return
    order.venue_order_id = order.venue_order_id or found.venue_order_id
    order.reported_quantity = found.filled_quantity
    hear_legs(order, found.legs_filled, anew=True)
    for execution in found.executions:
        take_execution(turn, order, execution)
    event = _ENDED_AT_VENUE.get(found.state)
    if event is not None:
        _note_ending(order, event, found.event_at_ns, "")
    elif found.state != OrderState.FILLED:
        _found_open(turn, order, found)
    settle(turn, order)


def take_execution(turn: Turn, order: Order, execution: VenueExecution) -> None:
    """Book one execution and move the order on; one that is booked already changes nothing."""
    legs = order.specification.legs
    if legs and leg_named(order.specification, execution.symbol) is None:
        named = execution.symbol or "no leg"
        _contradiction(turn, order, f"an execution of {named}", "executions of its legs only")
        return
    if not book(turn, order, execution):
        return
    begin_exits(turn, order)
    approved = fill_parent(turn, order, execution)
    take_fill(turn, approved, execution)
    complete = _is_complete(order)
    event = OrderInput.FILLED_ALL if complete else OrderInput.FILLED_PART
    change(turn, order, event, Occasion(execution.event_at_ns))
    if approved is not order and approved.remaining > 0:
        change(turn, approved, OrderInput.FILLED_PART, Occasion(execution.event_at_ns))
    if order.filled_quantity > order.specification.quantity:
        ordered, filled = order.specification.quantity, order.filled_quantity
        message = f"expected at most {plain(ordered)}, found {plain(filled)} filled"
        halt(turn, Code.OVERFILLED, order.client_order_id, message)
    elif legs and is_overfilled(order):
        message = f"expected at most {plain(order.specification.quantity)} structures"
        halt(turn, Code.OVERFILLED, order.client_order_id, f"{message}: {described(order)}")
    end_siblings(turn, order)
    _ask_about_entry(turn, order)


def _ask_about_entry(turn: Turn, order: Order) -> None:
    """Ask what an entry has filled whose exits have filled: it has filled before them."""
    entry = turn.state.find(entry_of(order.client_order_id))
    if entry is not None and entry.remaining > 0:
        query(turn, entry)


def settle(turn: Turn, order: Order) -> None:
    """End the order if the venue says so and all executions are known; else ask for them."""
    if order.filled_quantity < order.reported_quantity or lacks_legs(order):
        _ask_for_missing(turn, order)
        return
    if order.ended:
        return
    ending = order.ending
    if _is_complete(order):
        change(turn, order, OrderInput.FILLED_ALL, Occasion(turn.now_ns))
    elif ending is not None and order.filled_quantity >= ending.filled_quantity:
        _end(turn, order, ending)
    elif _appears_late(turn, order):
        cancel(turn, order, Code.APPEARED_LATE)


def _end(turn: Turn, order: Order, ending: Ending) -> None:
    occasion = ending.occasion
    if order.specification.legs and is_uneven(order):
        if order.asking or not order.asked:
            # Executions may be on their way: the venue's whole knowledge is asked for first.
            query(turn, order)
            return
        found = described(order)
        occasion = Occasion(occasion.at_ns, Code.STRUCTURE_INCOMPLETE, found)
        halt(turn, Code.STRUCTURE_INCOMPLETE, order.client_order_id, found)
    order.ending = None
    change(turn, order, ending.event, occasion)


def _appears_late(turn: Turn, order: Order) -> bool:
    """It was not at the venue when it was asked for, and what is there now nobody allows any more.

    What a leader that slept has sent gets there like this. A closing order stays: it gets out.
    """
    is_open = order.state in (OrderState.WORKING, OrderState.PARTIALLY_FILLED)
    if not (order.missed and is_open and order.activity is Activity.INCREASE):
        return False
    return expired(order.warrant.expires_at_ns, turn.now_ns) is not None


def _is_complete(order: Order) -> bool:
    filled = order.filled_quantity
    complete = filled >= order.specification.quantity and filled >= order.reported_quantity
    return complete and not lacks_legs(order)


def _ask_for_missing(turn: Turn, order: Order) -> None:
    if order.asked:
        look_again(turn, order)
    else:
        query(turn, order)


def _note_ending(order: Order, event: OrderInput, at_ns: int, reason: str) -> None:
    if order.ended or order.ending is not None:
        return
    cancelled_by_us = event is OrderInput.CANCELLED and order.cancel_code != ""
    code = order.cancel_code if cancelled_by_us else _CODES[event]
    reason = (order.cancel_reason if cancelled_by_us else "") or reason
    order.ending = Ending(event, Occasion(at_ns, code, reason), order.reported_quantity)


def _found_open(turn: Turn, order: Order, found: VenueOrder) -> None:
    specification = order.specification
    if order.ended:
        # It appears late, under an id of ours that has already ended: away with it, at once.
        cancel_by_id(turn, order.client_order_id, specification.venue, specification.symbol)
        return
    partly = order.filled_quantity > 0
    event = OrderInput.FOUND_PARTIALLY_FILLED if partly else OrderInput.FOUND_WORKING
    change(turn, order, event, Occasion(found.event_at_ns))
    begin_exits(turn, order)
    order.asked = 0
    if order.cancel_code:
        look_again(turn, order)


def _contradiction(
    turn: Turn, order: Order, found: str, expected: str = "nothing before it is sent"
) -> None:
    message = f"expected of {order.client_order_id} {expected}, found {found}"
    halt(turn, Code.VENUE_CONTRADICTION, order.client_order_id, message)
