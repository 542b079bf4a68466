"""Keeps the slices of every sliced order as they should be: looked at again in every turn.

1. A sliced order has at most one slice open. The next is placed when the last has provably ended;
   what is lost without a proof counts as taken. So slices never add up to more than the order.
2. What may be taken by now is the algorithm's word. At a limit, a slice that is smaller than that
   is cancelled, and what it has left goes into the next; at the market it is left alone.
3. Each slice is asked again about the gate, reconciliation, caps and rate, and has a warrant of its
   own. What passes away is waited for; anything else ends the order.
4. A slice that the venue refuses is followed by another, each time later; after a few times in a
   row the order is over.
5. What ends the order ends its slice first: a cancel, the gate, a closing verdict, its time.
6. Ids are later legs of the order's signal: what is sent again has the same, the next has another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import AlgorithmKind, OrderState, OrderType, TimeInForce
from tidegate_execution.core.closing import orderable
from tidegate_execution.core.held.holding import dispatch, may_follow, warrant_anew
from tidegate_execution.core.orders.changes import begin, change, next_leg
from tidegate_execution.core.orders.lifecycle import OrderInput
from tidegate_execution.core.orders.order import Occasion, Order
from tidegate_execution.core.reasons import Code
from tidegate_execution.core.resolution import may_arrive
from tidegate_execution.core.slicing import iceberg, twap
from tidegate_execution.core.slicing.plan import algorithm_of, note_ending, taken
from tidegate_execution.core.submission import within_bounds
from tidegate_execution.core.venue_requests import cancel
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_execution.core.reasons import Refusal
    from tidegate_execution.core.slicing.plan import Slicing
    from tidegate_execution.core.turn import Turn

SLICE_TIMER = "slice:"
AGAIN_TIMER = "slice-again:"
FAILURES_MAX = 8
_PASSES_AWAY = (Code.NOT_RECONCILED, Code.RATE_BUDGET, Code.PRICE_UNKNOWN)
_AT_VENUE = (OrderState.WORKING, OrderState.PARTIALLY_FILLED)


def end(turn: Turn) -> None:
    """End what is over and has no slice open; forget what has ended."""
    state = turn.state
    for identity, slicing in list(state.slicings.items()):
        parent = state.orders.get(identity)
        if parent is not None:
            _take_end(turn, parent, slicing)
            _end(turn, parent, slicing)
        if identity not in state.orders:
            turn.forget_timer(SLICE_TIMER + identity)
            turn.forget_timer(AGAIN_TIMER + identity)
            del state.slicings[identity]


def keep(turn: Turn) -> None:
    """Bring the slice of every order nearer to what it should be."""
    for identity, slicing in list(turn.state.slicings.items()):
        parent = turn.state.orders.get(identity)
        if parent is not None and not (parent.cancel_code or parent.ending):
            _wake(turn, parent, slicing)
            _keep(turn, parent, slicing)


def _take_end(turn: Turn, parent: Order, slicing: Slicing) -> None:
    """See how the last slice has ended; wait a while when the venue would not have it."""
    identity = slicing.slice_id
    if identity == "" or identity in turn.state.orders:
        return
    slicing.slice_id = ""
    ended = turn.state.closed.get(identity)
    if ended is None:
        return
    if may_arrive(turn, ended):
        slicing.lost.append(identity)
    if ended.filled_quantity > 0:
        slicing.failures = 0
    elif not ended.cancel_code:
        slicing.failures += 1
        _wait(turn, parent, slicing)
    if slicing.failures == FAILURES_MAX:
        found = f"the last of {FAILURES_MAX} in a row ended as {ended.state.name}"
        reason = f"expected its slices to work at the venue, {found}"
        note_ending(turn, parent, OrderInput.VENUE_REJECTED, Code.SLICES_FAILED, reason)


def _wait(turn: Turn, parent: Order, slicing: Slicing) -> None:
    tries = max(slicing.failures - 1, 0)
    delay_ns = min(turn.parameters.retry_after_ns << tries, turn.parameters.retry_after_max_ns)
    slicing.retry_at_ns = turn.now_ns + delay_ns
    turn.wake_after(AGAIN_TIMER + parent.client_order_id, delay_ns)


def _end(turn: Turn, parent: Order, slicing: Slicing) -> None:
    if 0 < slicing.ends_at_ns <= turn.now_ns:
        reason = f"its time is over, {plain(parent.remaining)} are left"
        note_ending(turn, parent, OrderInput.EXPIRED, Code.ALGORITHM_OVER, reason)
    opened = turn.state.orders.get(slicing.slice_id)
    if opened is not None:
        if parent.ending is not None:
            cancel(turn, opened, parent.ending.occasion.code)
    elif parent.remaining == 0:
        change(turn, parent, OrderInput.FILLED_ALL, Occasion(turn.now_ns))
    elif parent.cancel_code:
        occasion = Occasion(turn.now_ns, parent.cancel_code, parent.cancel_reason)
        change(turn, parent, OrderInput.CANCELLED, occasion)
    elif parent.ending is not None:
        change(turn, parent, parent.ending.event, parent.ending.occasion)


def _wake(turn: Turn, parent: Order, slicing: Slicing) -> None:
    """Have the next slice's time, or the last one's end, make an instant."""
    at_ns = slicing.ends_at_ns
    if algorithm_of(parent).kind == AlgorithmKind.TWAP:
        at_ns = twap.next_at_ns(parent, slicing, turn.now_ns)
    if at_ns > turn.now_ns and at_ns != slicing.wakes_at_ns:
        slicing.wakes_at_ns = at_ns
        turn.wake_at(SLICE_TIMER + parent.client_order_id, at_ns)


def _keep(turn: Turn, parent: Order, slicing: Slicing) -> None:
    gone = taken(turn, parent, slicing)
    allowed = min(_allowed(turn, parent, slicing, gone), parent.specification.quantity)
    symbol = parent.specification.symbol
    quantity = orderable(turn, symbol, allowed - gone)
    opened = turn.state.orders.get(slicing.slice_id)
    if opened is not None:
        _renew(turn, parent, opened, quantity)
    elif quantity > 0:
        _place(turn, parent, slicing, quantity)
    elif orderable(turn, symbol, parent.specification.quantity - gone) == 0:
        left = plain(parent.remaining)
        reason = f"{left} are left, which is less than the venue takes or was lost at the venue"
        note_ending(turn, parent, OrderInput.EXPIRED, Code.NOTHING_LEFT, reason)
        _end(turn, parent, slicing)


def _allowed(turn: Turn, parent: Order, slicing: Slicing, gone: Decimal) -> Decimal:
    kind = algorithm_of(parent).kind
    if kind == AlgorithmKind.TWAP:
        return twap.allowed(parent, slicing, turn.now_ns)
    return slicing.allowed if kind == AlgorithmKind.VWAP else iceberg.allowed(parent, gone)


def _renew(turn: Turn, parent: Order, opened: Order, quantity: Decimal) -> None:
    """Let a resting slice make way for one that has what is due by now."""
    limited = parent.specification.order_type == OrderType.LIMIT
    by_schedule = algorithm_of(parent).kind != AlgorithmKind.ICEBERG
    if limited and by_schedule and opened.state in _AT_VENUE and quantity > opened.remaining:
        cancel(turn, opened, Code.SLICE_RENEWED)


def _place(turn: Turn, parent: Order, slicing: Slicing, quantity: Decimal) -> None:
    if turn.now_ns < slicing.retry_at_ns:
        return
    leg = next_leg(turn, parent.signal_key)
    order = _slice(turn, parent, leg, quantity)
    refusal = may_follow(turn, order) or within_bounds(turn, order)
    if refusal is not None:
        _take_refusal(turn, parent, slicing, refusal)
        return
    turn.state.legs[parent.signal_key] = leg
    slicing.slice_id = order.client_order_id
    begin(turn, order, f"slice of {parent.client_order_id}")
    warrant_anew(turn, order)
    dispatch(turn, order)


def _take_refusal(turn: Turn, parent: Order, slicing: Slicing, refusal: Refusal) -> None:
    if refusal.code in _PASSES_AWAY:
        _wait(turn, parent, slicing)
        return
    note_ending(turn, parent, OrderInput.VENUE_REJECTED, refusal.code, refusal.message)
    _end(turn, parent, slicing)


def _slice(turn: Turn, parent: Order, leg: int, quantity: Decimal) -> Order:
    """Return a slice; where its position is closed again is left to its parent's exits."""
    specification = msgspec.structs.replace(
        parent.specification,
        client_order_id=client_order_id(parent.signal_key, leg),
        quantity=quantity,
        time_in_force=TimeInForce.GTC,
        expires_at_ns=0,
        stop_price=None,
        take_profit_price=None,
        algorithm=None,
    )
    return Order(
        strategy=parent.strategy,
        signal_key=parent.signal_key,
        leg=leg,
        specification=specification,
        decided_at_ns=turn.now_ns,
        warrant=parent.warrant,
        parent=parent.client_order_id,
        exact=parent.exact,
    )
