"""UNKNOWN, and how it ends: ask the venue until something is proven.

1. Whatever is not proven is UNKNOWN, and the venue is asked by the same client order id.
2. Found: the venue's word is taken. Not found, at a venue whose ids count for ever: the same id
   is sent again, as long as everything that allowed the first send still holds.
3. Not found otherwise: asked again, until "not found" ends it by the venue's model. Where what was
   sent carries no time, the id is watched on: what appears under an ended order is cancelled at
   once, and what it has filled is booked.
4. What is found open after that, when its verdict has expired meanwhile, appears late: a leader
   that slept has sent it. An entry is cancelled at once, and what it has filled is booked.
5. In a replay on the wall's clock nothing risk-increasing that an earlier life of the shard has
   sent is sent again: session time stood still while it was down, so no expiry can be judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import OrderState
from tidegate_execution.core.evidence import take_found
from tidegate_execution.core.gatekeeping import lets_pass
from tidegate_execution.core.last_hop import expired
from tidegate_execution.core.orders.attached import entry_of
from tidegate_execution.core.orders.changes import change
from tidegate_execution.core.orders.legs import lacks_legs
from tidegate_execution.core.orders.lifecycle import OrderInput
from tidegate_execution.core.orders.order import Occasion
from tidegate_execution.core.reasons import Code
from tidegate_execution.core.venue_requests import look_again, query, request_cancel, send
from tidegate_kernel.gate import Activity

if TYPE_CHECKING:
    from tidegate_contracts.execution import VenueOrder
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.turn import Turn


LONG_AGO_NS = 1
"""A warrant that has expired whatever the time is."""


def begin_term(turn: Turn) -> None:
    """End the warrants of what an earlier life has sent, where it cannot be told how long ago."""
    if turn.parameters.lockstep or turn.parameters.session_clock_is_wall:
        return
    for order in turn.state.orders.values():
        if order.sends > 0 and order.activity is Activity.INCREASE:
            order.warrant = msgspec.structs.replace(order.warrant, expires_at_ns=LONG_AGO_NS)


def become_unknown(turn: Turn, order: Order, reason: str) -> None:
    """Take an outcome that proves nothing, and ask."""
    if _is_unknown(turn, order, reason):
        query(turn, order)


def stay_unknown(turn: Turn, order: Order, reason: str) -> None:
    """Take a repeated send that was kept back, and ask later: what kept it back lasts a while."""
    if _is_unknown(turn, order, reason):
        look_again(turn, order)


def _is_unknown(turn: Turn, order: Order, reason: str) -> bool:
    occasion = Occasion(turn.now_ns, Code.OUTCOME_UNKNOWN, reason)
    change(turn, order, OrderInput.OUTCOME_UNKNOWN, occasion)
    return order.state == OrderState.UNKNOWN


def take_query_answer(turn: Turn, order: Order, answer: VenueOrder) -> None:
    """Take what a query found, or that it found nothing."""
    order.asking = False
    if answer.found:
        take_found(turn, order, answer)
    elif order.state == OrderState.UNKNOWN:
        _not_found(turn, order)
    elif _is_watched(turn, order):
        look_again(turn, order)
    elif order.state in (OrderState.WORKING, OrderState.PARTIALLY_FILLED):
        change(turn, order, OrderInput.NOT_FOUND, _nothing_found(turn))
        look_again(turn, order)


def take_query_failure(turn: Turn, order: Order) -> None:
    """The question itself failed: ask again later."""
    order.asking = False
    look_again(turn, order)


def take_order_timer(turn: Turn, order: Order) -> None:
    """Do what the order still waits for."""
    missing = order.filled_quantity < order.reported_quantity or lacks_legs(order)
    missing = missing or (order.ending is not None and bool(order.specification.legs))
    if order.state == OrderState.UNKNOWN or missing or _is_watched(turn, order):
        query(turn, order)
    elif not order.ended and order.cancel_code and not order.is_parent:
        request_cancel(turn, order)


def _not_found(turn: Turn, order: Order) -> None:
    if _may_send_again(turn, order):
        send(turn, order)
        return
    order.missed = True
    waited_ns = turn.now_ns - order.last_sent_at_ns
    if waited_ns < turn.parameters.venue_model.not_found_conclusive_after_ns:
        look_again(turn, order)
    else:
        change(turn, order, OrderInput.NOT_FOUND_FINALLY, _nothing_found(turn))
        if _is_watched(turn, order):
            look_again(turn, order)


def may_arrive(turn: Turn, order: Order) -> bool:
    """Tell whether an order was given up although nothing proves that it cannot arrive any more.

    Only a venue that refuses what was sent too long ago proves it.
    """
    return _was_given_up(order) and not turn.parameters.venue_model.proves_absence


def _was_given_up(order: Order) -> bool:
    """It has ended because the venue did not know it."""
    return order.missed and order.ended and order.venue_order_id == ""


def _is_watched(turn: Turn, order: Order) -> bool:
    """It was given up, and what appears under its id is looked for."""
    watched_for_ns = turn.parameters.venue_model.watched_for_ns
    return _was_given_up(order) and turn.now_ns - order.last_sent_at_ns < watched_for_ns


def _may_send_again(turn: Turn, order: Order) -> bool:
    """Everything that allowed the first send still holds, and a second can make no second order."""
    parameters, warrant = turn.parameters, order.warrant
    never_seen = order.venue_order_id == "" and not order.execution_ids
    return (
        parameters.venue_model.ids_unique_for_ever
        and never_seen
        and not entry_of(order.client_order_id)
        and order.sends < parameters.sends_max
        and not order.cancel_code
        and expired(warrant.expires_at_ns, turn.now_ns) is None
        and (order.exit_plan != "" or _is_warranted(turn, order))
        and lets_pass(turn, order)
    )


def _is_warranted(turn: Turn, order: Order) -> bool:
    """What execution places by itself rests on no verdict; everything else must be the newest."""
    warrant, state = order.warrant, turn.state
    coverage = order.coverage(turn.parameters.session, turn.parameters.account)
    newest = warrant.term >= state.newest_term
    return newest and warrant.gate_epoch >= state.gate.epoch_for(coverage)


def _nothing_found(turn: Turn) -> Occasion:
    reason = "the venue knows no order of this id"
    return Occasion(turn.now_ns, Code.NOT_FOUND_AT_VENUE, reason)
