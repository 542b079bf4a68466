"""Holds an order as `WORKING` until its trigger, then sends it as a market or limit order.

1. What is held was allowed when it came: its verdict was in time then. The gate cancels it like any
   other order, and when it is let go, it is asked again whether entries may be sent.
2. Before it is let go, its siblings (`oco_group`, or exits of one plan) are cancelled, and it waits
   until they have ended: what they filled meanwhile is no more to be filled.
3. A date is kept by a timer, for orders that are held and for those whose venue knows no dates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import OrderState, OrderType, TimeInForce
from tidegate_execution.core.capabilities import (
    ONE_CANCELS_OTHER,
    TIMES_IN_FORCE,
    TRIGGERED,
    Way,
    way_of_type,
)
from tidegate_execution.core.exits.room import has_room
from tidegate_execution.core.gatekeeping import cause_for, lets_pass, level_for
from tidegate_execution.core.held.triggers import better, in_session, is_triggered, prices_of
from tidegate_execution.core.orders.changes import change
from tidegate_execution.core.orders.lifecycle import OrderInput
from tidegate_execution.core.orders.order import Occasion, Warrant
from tidegate_execution.core.readiness import why_not_ready
from tidegate_execution.core.reasons import Code, Refusal
from tidegate_execution.core.slicing.plan import start
from tidegate_execution.core.venue_requests import cancel, send
from tidegate_kernel.gate import Activity
from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.execution import OrderSpecification
    from tidegate_contracts.market import Bar
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.turn import Turn

DATE_TIMER = "date:"


def dispatch(turn: Turn, order: Order) -> None:
    """Send a new order, or hold it if its venue cannot wait for its trigger, or slice it."""
    specification = order.specification
    kind = turn.parameters.venue_kind_of(specification.symbol)
    dated = specification.time_in_force == TimeInForce.GTD
    held = is_held(turn, specification)
    kept = held or order.is_parent
    if dated and (kept or TIMES_IN_FORCE[TimeInForce.GTD][kind] is Way.HELD):
        turn.wake_at(DATE_TIMER + order.client_order_id, specification.expires_at_ns)
    if order.is_parent:
        start(turn, order)
    elif held:
        _hold(turn, order)
    else:
        send(turn, order)


def hold_triggered(turn: Turn, order: Order) -> None:
    """Hold a new order whose trigger was passed before its venue could wait for it: it goes out."""
    _hold(turn, order)
    order.triggered = True


def is_held(turn: Turn, specification: OrderSpecification) -> bool:
    """Tell whether execution waits for the order's trigger itself.

    A venue that does not end siblings itself takes what is held as cover for one exit only: there
    the stop of a stop and a target is held, and the target rests.
    """
    kind = turn.parameters.venue_kind_of(specification.symbol)
    if way_of_type(specification, kind) is Way.HELD:
        return True
    shares = specification.reduce_only and specification.oco_group != ""
    waits = specification.order_type in TRIGGERED
    return waits and shares and ONE_CANCELS_OTHER[kind] is Way.HELD


def _hold(turn: Turn, order: Order) -> None:
    specification = order.specification
    listing = f"{specification.venue}|{specification.symbol}"
    order.emulated = True
    order.held_since_ns = turn.now_ns
    order.warrant = msgspec.structs.replace(order.warrant, expires_at_ns=0)
    if specification.order_type == OrderType.TRAILING_STOP:
        order.best_price = turn.state.price_of(listing)
    turn.state.held_orders.setdefault(listing, []).append(order.client_order_id)
    reason = f"held by execution {_until(specification)}"
    change(turn, order, OrderInput.HOLD, Occasion(turn.now_ns, "", reason))


def _until(specification: OrderSpecification) -> str:
    if specification.order_type != OrderType.TRAILING_STOP:
        assert specification.trigger_price is not None, "a stop has a trigger; see order_form"
        return f"until the market trades at {plain(specification.trigger_price)}"
    if specification.trail_percent is not None:
        return f"until the market turns by {plain(specification.trail_percent)} percent"
    assert specification.trail_amount is not None, "one of the two; see order_form"
    return f"until the market turns by {plain(specification.trail_amount)}"


def resize(turn: Turn, order: Order, quantity: Decimal) -> None:
    """Change what is left of an order that is held, and tell it: no venue knows its quantity."""
    assert order.held, "what was sent is not resized"
    before = plain(order.specification.quantity)
    order.specification = msgspec.structs.replace(order.specification, quantity=quantity)
    reason = f"held by execution, {plain(quantity)} instead of {before}"
    change(turn, order, OrderInput.RESIZE, Occasion(turn.now_ns, "", reason))


def see_bar(turn: Turn, bar: Bar) -> None:
    """Let a bar trigger what is held of its listing, and move trailing triggers."""
    state = turn.state
    listing = f"{bar.venue}|{bar.symbol}"
    scale = state.price_scales.get(listing)
    if scale is None or not in_session(state.sessions.get(listing), bar.start_ns, bar.end_ns):
        return
    prices = prices_of(bar, scale)
    for identity in state.held_orders.get(listing, ()):
        order = state.orders[identity]
        if order.triggered or bar.start_ns < order.held_since_ns:
            continue
        if is_triggered(order.specification, order.sign, prices, order.best_price):
            order.triggered = True
            turn.triggered = True
        if order.specification.order_type == OrderType.TRAILING_STOP:
            order.best_price = better(order.sign, prices, order.best_price)


def advance(turn: Turn) -> None:
    """Let go what is triggered and has no sibling open any more; forget what has ended."""
    state = turn.state
    for listing in list(state.held_orders):
        for identity in list(state.held_orders[listing]):
            order = state.orders.get(identity)
            if order is not None and order.held and order.triggered:
                _let_go(turn, order)
        left = [each for each in state.held_orders[listing] if _is_held(turn, each)]
        if left:
            state.held_orders[listing] = left
        else:
            del state.held_orders[listing]


def _is_held(turn: Turn, identity: str) -> bool:
    order = turn.state.orders.get(identity)
    return order is not None and order.held


def _let_go(turn: Turn, order: Order) -> None:
    siblings = siblings_of(turn, order)
    if siblings:
        for sibling in siblings:
            cancel(turn, sibling, Code.SIBLING_FILLED)
        return
    if order.exit_plan and not has_room(turn, order):
        return
    refusal = _refusal(turn, order)
    if refusal is not None:
        occasion = Occasion(turn.now_ns, refusal.code, refusal.message)
        change(turn, order, OrderInput.VENUE_REJECTED, occasion)
        return
    warrant_anew(turn, order)
    order.decided_at_ns = turn.now_ns
    send(turn, order)


def warrant_anew(turn: Turn, order: Order) -> None:
    """Let an entry that was approved earlier leave now, and soon."""
    if order.activity is not Activity.INCREASE:
        return
    turn.state.sent_at_ns.append(turn.now_ns)
    coverage = order.coverage(turn.parameters.session, turn.parameters.account)
    epoch = turn.state.gate.epoch_for(coverage)
    until_ns = turn.now_ns + turn.parameters.send_within_ns
    order.warrant = Warrant(turn.state.newest_term, epoch, until_ns)


def may_follow(turn: Turn, order: Order) -> Refusal | None:
    """Return why what replaces an earlier order must not be sent; None when it may be."""
    coverage = order.coverage(turn.parameters.session, turn.parameters.account)
    newest = turn.state.gate.epoch_for(coverage)
    if order.activity is Activity.INCREASE and order.warrant.gate_epoch < newest:
        found = f"expected gate epoch {newest} or later, found {order.warrant.gate_epoch}"
        return Refusal(Code.GATE_EPOCH_STALE, found)
    return _refusal(turn, order)


def _refusal(turn: Turn, order: Order) -> Refusal | None:
    coverage = order.coverage(turn.parameters.session, turn.parameters.account)
    if not lets_pass(turn, order):
        found = f"{level_for(turn, coverage).name} in {cause_for(turn, coverage)}"
        return Refusal(Code.GATE_CLOSED, found)
    because = why_not_ready(turn) if order.activity is Activity.INCREASE else ""
    if because:
        return Refusal(Code.NOT_RECONCILED, f"expected a reconciled account, found: {because}")
    return None


def siblings_of(turn: Turn, order: Order) -> list[Order]:
    """Return the other open orders of an order's group, or of the plan that both are exits of."""
    return [
        other
        for other in turn.state.orders.values()
        if other is not order and other.strategy == order.strategy and _are_one(order, other)
    ]


def _are_one(order: Order, other: Order) -> bool:
    group, plan = order.specification.oco_group, order.exit_plan
    return bool(group and other.specification.oco_group == group) or bool(
        plan and other.exit_plan == plan
    )


def end_siblings(turn: Turn, order: Order) -> None:
    """Cancel the siblings of an order that has filled, wholly or in part.

    The exits of one plan are resized instead: see `exits.keeping`.
    """
    if order.exit_plan == "":
        for sibling in siblings_of(turn, order):
            cancel(turn, sibling, Code.SIBLING_FILLED)


def take_date(turn: Turn, identity: str) -> None:
    """End an order whose date has come."""
    order = turn.state.orders.get(identity)
    if order is None:
        return
    reason = "its date has come"
    if order.held:
        occasion = Occasion(turn.now_ns, Code.VENUE_EXPIRED, reason)
        change(turn, order, OrderInput.EXPIRED, occasion)
    elif order.state != OrderState.PENDING:
        cancel(turn, order, Code.DATE_OVER)
