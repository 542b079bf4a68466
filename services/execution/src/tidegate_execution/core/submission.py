"""From a verdict to a request, and from the request's outcome to the order's state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import OrderState
from tidegate_contracts.risk import Decision, Verdict
from tidegate_execution.core import closing
from tidegate_execution.core.exits.attached import begin_exits, exits_to_send
from tidegate_execution.core.exits.plan import take_refusal
from tidegate_execution.core.gatekeeping import cause_for, halt, level_for
from tidegate_execution.core.held.holding import dispatch, is_held
from tidegate_execution.core.last_hop import BOUNDS, LastHop, check
from tidegate_execution.core.orders.changes import begin, begin_refused, change, watermark_key
from tidegate_execution.core.orders.legs import gross_price_of
from tidegate_execution.core.orders.lifecycle import OrderInput
from tidegate_execution.core.orders.order import Occasion, Order, Warrant
from tidegate_execution.core.readiness import why_not_ready
from tidegate_execution.core.reasons import Code, Refusal
from tidegate_execution.core.resolution import become_unknown, stay_unknown
from tidegate_execution.core.venue_requests import request_cancel
from tidegate_kernel.identifiers import client_order_id

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderAccepted, OrderRejected, OrderSpecification
    from tidegate_execution.core.turn import Turn
    from tidegate_kernel.machine import Withheld

SEND_BY_PASSED = "SEND_BY_PASSED"
"""The guard's code for a request whose send-by time has passed."""


def take_verdict(turn: Turn, verdict: Verdict, *, cause_missing: bool = False) -> None:
    """Check an approved verdict at the last hop; refuse it, or write the order down and send it."""
    specification = verdict.specification
    if verdict.decision == Decision.APPROVED and specification is not None:
        known = turn.state.find(client_order_id(verdict.signal_key, 0))
        if known is not None:
            _take_again(turn, known, verdict)
        else:
            refusal = check(_facts(turn, verdict, specification))
            if refusal is None and cause_missing and not specification.reduce_only:
                refusal = Refusal(Code.CAUSE_MISSING, "expected the messages it was decided on")
            _act(turn, verdict, specification, refusal)
    turn.state.newest_term = max(turn.state.newest_term, verdict.term)


def _act(
    turn: Turn, verdict: Verdict, specification: OrderSpecification, refusal: Refusal | None
) -> None:
    order = _order(verdict, specification)
    if refusal is not None:
        begin_refused(turn, order, Occasion(turn.now_ns, refusal.code, refusal.message))
        return
    begin(turn, order)
    if specification.reduce_only:
        closing.start(turn, order)
        return
    order.exits = exits_to_send(turn, order)
    if not (order.is_parent or is_held(turn, specification)):
        turn.state.sent_at_ns.append(turn.now_ns)
    dispatch(turn, order)


def _order(verdict: Verdict, specification: OrderSpecification) -> Order:
    # The id is always the signal's own, so that a forged one cannot speak for another order.
    own = client_order_id(verdict.signal_key, 0)
    return Order(
        strategy=verdict.strategy,
        signal_key=verdict.signal_key,
        leg=0,
        specification=msgspec.structs.replace(specification, client_order_id=own),
        decided_at_ns=verdict.signal_event_at_ns,
        warrant=Warrant(verdict.term, verdict.gate_epoch, verdict.expires_at_ns),
        exact=verdict.exact,
    )


def _take_again(turn: Turn, known: Order, verdict: Verdict) -> None:
    """A second copy changes nothing; a second opinion on one signal halts the account."""
    assert verdict.specification is not None
    first, second = known.specification, verdict.specification
    same_size = first.quantity == second.quantity or first.reduce_only
    unsized = msgspec.structs.replace(second, quantity=first.quantity)
    if same_size and unsized == first:
        return
    if known.state == OrderState.REJECTED and known.sends == 0:
        return
    message = f"expected one verdict on {verdict.signal_key}, found another that differs"
    halt(turn, Code.VERDICT_CONFLICT, known.client_order_id, message)


def _facts(turn: Turn, verdict: Verdict, specification: OrderSpecification) -> LastHop:
    state = turn.state
    legs = tuple(leg.symbol for leg in specification.legs)
    venue, symbol = specification.venue, specification.symbol
    coverage = turn.coverage(verdict.strategy, venue, symbol, legs)
    because = why_not_ready(turn)
    listing = f"{specification.venue}|{specification.symbol}"
    grid = state.grids.get(listing)
    return LastHop(
        verdict=verdict,
        specification=specification,
        parameters=turn.parameters,
        now_ns=turn.now_ns,
        newest_term=state.newest_term,
        gate_level=level_for(turn, coverage),
        gate_cause=cause_for(turn, coverage),
        gate_epoch_required=state.gate.epoch_for(coverage),
        forgotten_until_ns=state.forgotten_until_ns.get(
            watermark_key(verdict.strategy, specification.symbol), 0
        ),
        sent_in_window=_sent_in_window(turn),
        ready=because == "",
        not_ready_because=because,
        price=gross_price_of(state, specification),
        volume_known=grid is not None and grid.size_scale is not None,
    )


def within_bounds(turn: Turn, order: Order) -> Refusal | None:
    """Ask caps and rate about a slice of what a verdict has approved."""
    approved = Verdict(strategy=order.strategy, symbol=order.specification.symbol)
    return check(_facts(turn, approved, order.specification), BOUNDS)


def _sent_in_window(turn: Turn) -> int:
    since_ns = turn.now_ns - turn.parameters.rate.window_ns
    turn.state.sent_at_ns = [at_ns for at_ns in turn.state.sent_at_ns if at_ns > since_ns]
    return len(turn.state.sent_at_ns)


def take_accepted(turn: Turn, order: Order, answer: OrderAccepted) -> None:
    """The venue has taken the order."""
    order.venue_order_id = order.venue_order_id or answer.venue_order_id
    changed = change(turn, order, OrderInput.ACCEPTED, Occasion(answer.event_at_ns))
    if not order.ended:
        begin_exits(turn, order)
    if changed and order.cancel_code:
        # The cancel overtook the order.
        request_cancel(turn, order)


def take_rejected(turn: Turn, order: Order, answer: OrderRejected) -> None:
    """The venue has refused the order; of an order sent twice that proves nothing."""
    if order.sends > 1:
        become_unknown(turn, order, f"refused when sent again: {answer.code} {answer.reason}")
        return
    code = answer.code or Code.VENUE_REJECTED
    change(turn, order, OrderInput.REJECTED, Occasion(answer.event_at_ns, code, answer.reason))
    take_refusal(turn, order, code)


def take_withheld(turn: Turn, order: Order, withheld: Withheld) -> None:
    """The guard kept the request back; an earlier send of the same order may still have left."""
    order.sends -= 1
    if order.sends > 0:
        stay_unknown(turn, order, f"{withheld.code}: {withheld.reason}")
        return
    late = withheld.code == SEND_BY_PASSED
    event = OrderInput.WITHHELD_LATE if late else OrderInput.WITHHELD
    change(turn, order, event, Occasion(turn.now_ns, withheld.code, withheld.reason))
