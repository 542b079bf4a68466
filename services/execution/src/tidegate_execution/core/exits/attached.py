"""Exits that are sent with their entry: one order of ours, begun when the entry is proven.

1. Where the session wants it (`native_entries`), an entry at the market is sent with what will
   close it, if its venue takes both in one request. The exits wait there until the entry has
   filled completely, and are cancelled with it.
2. They are an order of their own, named after the entry (`orders.attached`). It begins, as one that
   was sent and taken, when something proves that the entry is at the venue: an answer, a query, a
   fill, or a word about the exits themselves. Of an entry that never got there it never begins.
3. While the entry is open they are bound to it: nothing is asked of them alone. Who wants them
   cancelled cancels the entry, and is obeyed when that has ended (`keeping`).
4. Limit entries are never sent so: their exits would wait for the last of the entry, and what has
   filled would stand without them. Nor is anything where a part of the entry closes an opposite
   holding, for then less is held than the exits would close.
5. The exits live until cancelled, whatever the entry says: an order at the market lives a moment,
   and what it opens is held overnight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderState, OrderType, TimeInForce
from tidegate_execution.core.capabilities import ENTRY_WITH_EXITS, Way
from tidegate_execution.core.exits.form import WayOut, order_of
from tidegate_execution.core.exits.plan import Role, first_plan
from tidegate_execution.core.gatekeeping import lets_pass
from tidegate_execution.core.orders.attached import attached_exits_id, entry_of
from tidegate_execution.core.orders.changes import begin, change, next_leg
from tidegate_execution.core.orders.legs import trades_same
from tidegate_execution.core.orders.lifecycle import OrderInput
from tidegate_execution.core.orders.order import Occasion, Order
from tidegate_execution.core.reasons import Code

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderSpecification
    from tidegate_execution.core.exits.plan import ExitPlan
    from tidegate_execution.core.turn import Turn

NEVER, MARKET = "never", "market"
"""Which entries a session sends with their exits."""


def exits_to_send(turn: Turn, order: Order) -> OrderSpecification | None:
    """Return the exits that a new order is to be sent with; None if it is sent alone."""
    plan = first_plan(turn, order)
    if plan is None or not (_may_have_exits(turn, order) and _opens_all(turn, order)):
        return None
    roles = tuple(role for role in Role if plan.price(role) is not None)
    identity = attached_exits_id(order.client_order_id)
    return order_of(plan, WayOut(roles), identity, order.specification.quantity)


def _may_have_exits(turn: Turn, order: Order) -> bool:
    wanted = order.specification
    return (
        turn.parameters.native_entries == MARKET
        and ENTRY_WITH_EXITS[turn.parameters.venue_kind_of(wanted.symbol)] is Way.NATIVE
        and wanted.order_type == OrderType.MARKET
        and wanted.time_in_force in (TimeInForce.DAY, TimeInForce.GTC)
        and wanted.quantity % 1 == 0
        and not (wanted.legs or wanted.algorithm or wanted.extended_hours or wanted.oco_group)
    )


def _opens_all(turn: Turn, order: Order) -> bool:
    symbol = order.specification.symbol
    held = (turn.state.held(order.strategy, symbol), turn.state.net_holding(symbol))
    return all(order.sign * each >= 0 for each in held)


def begin_exits(turn: Turn, entry: Order) -> None:
    """Write down the exits of an entry that is proven to have reached its venue; once."""
    if entry.exits is None or entry.exits_begun:
        return
    entry.exits_begun = True
    plan = first_plan(turn, entry)
    assert plan is not None, "an entry that is sent with exits has prices for them"
    leg = next_leg(turn, entry.signal_key)
    exits = Order(
        strategy=entry.strategy,
        signal_key=entry.signal_key,
        leg=leg,
        specification=entry.exits,
        decided_at_ns=entry.decided_at_ns,
        warrant=entry.warrant,
        exit_plan=plan.key,
    )
    turn.state.legs[entry.signal_key] = leg
    turn.state.exit_plans[plan.key] = plan
    for role in Role:
        if plan.price(role) is not None:
            plan.note(role, exits.client_order_id)
    begin(turn, exits, f"sent with {entry.client_order_id}")
    change(turn, exits, OrderInput.SEND, Occasion(turn.now_ns))
    exits.sends, exits.last_sent_at_ns = 1, entry.last_sent_at_ns
    change(turn, exits, OrderInput.ACCEPTED, Occasion(turn.now_ns))
    _make_way(turn, exits)


def _make_way(turn: Turn, exits: Order) -> None:
    """Let the gate have its way at once, and what waits to close wait for these exits too."""
    if not lets_pass(turn, exits):
        exits.cancel_code = Code.GATE_CLOSED
    for other in turn.state.orders.values():
        waits = other.state == OrderState.PENDING and other.specification.reduce_only
        same = trades_same(other.specification, exits.specification)
        if waits and same and not other.replaces and other.strategy == exits.strategy:
            other.waits_for = [*other.waits_for, exits.client_order_id]


def known_order(turn: Turn, client_order_id: str) -> Order | None:
    """Return the order of ours that the venue names; exits begin when they are named first."""
    order = turn.state.find(client_order_id)
    if order is not None:
        return order
    entry = turn.state.find(entry_of(client_order_id))
    if entry is not None and entry.sends > 0:
        begin_exits(turn, entry)
    return turn.state.find(client_order_id)


def is_bound(turn: Turn, order: Order) -> bool:
    """Tell whether an order is the exits of an open entry: the venue keeps them together."""
    return order.exit_plan != "" and entry_of(order.client_order_id) in turn.state.orders


def bound_exits(turn: Turn, plan: ExitPlan) -> bool:
    """Tell whether a plan's exits are open and bound to its entry."""
    order = turn.state.orders.get(attached_exits_id(plan.entry_id))
    return order is not None and order.exit_plan == plan.key and is_bound(turn, order)
