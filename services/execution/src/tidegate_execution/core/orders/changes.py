"""The one place where an order changes its state: table, event, memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderEvent, OrderState
from tidegate_execution.core.orders.legs import price_of, told_legs, traded_symbols
from tidegate_execution.core.orders.lifecycle import ENDED_STATES, ORDER_LIFECYCLE, OrderInput
from tidegate_execution.core.orders.order import Occasion
from tidegate_kernel.identifiers import client_order_id

if TYPE_CHECKING:
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.turn import Turn


def begin(turn: Turn, order: Order, reason: str = "") -> None:
    """Write a new order down as `PENDING`."""
    identity = order.specification.client_order_id
    assert turn.state.find(identity) is None, "an id is used once"
    turn.state.orders[identity] = order
    for symbol in traded_symbols(order.specification):
        turn.state.venues[symbol] = order.specification.venue
    order.arrival_price = price_of(turn.state, order.specification)
    _count_change(turn, order)
    occasion = Occasion(turn.now_ns, "", reason)
    turn.publish(_event(turn, order, OrderState.UNSPECIFIED, occasion))


def begin_refused(turn: Turn, order: Order, occasion: Occasion) -> None:
    """Write down an order that is refused before anything is sent, in one event."""
    turn.state.orders[order.client_order_id] = order
    order.arrival_price = price_of(turn.state, order.specification)
    change(turn, order, OrderInput.REFUSE, occasion)


def change(turn: Turn, order: Order, event: OrderInput, occasion: Occasion) -> bool:
    """Take one event through the table; publish the change; tell whether there was one."""
    following = ORDER_LIFECYCLE.next(order.state, event)
    if following is None:
        return False
    previous, order.state = order.state, following
    _count_change(turn, order)
    turn.publish(_event(turn, order, previous, occasion))
    if following in ENDED_STATES:
        _put_away(turn, order)
    return True


def _count_change(turn: Turn, order: Order) -> None:
    turn.state.changes += 1
    order.changed_n = turn.state.changes


def _event(turn: Turn, order: Order, previous: OrderState, occasion: Occasion) -> OrderEvent:
    return OrderEvent(
        session=turn.parameters.session,
        account=turn.parameters.account,
        strategy=order.strategy,
        signal_key=order.signal_key,
        leg=order.leg,
        specification=order.specification,
        previous_state=previous,
        state=order.state,
        filled_quantity=order.filled_quantity,
        venue_order_id=order.venue_order_id,
        decided_at_ns=order.decided_at_ns,
        event_at_ns=occasion.at_ns,
        reason_code=occasion.code,
        reason=occasion.reason,
        arrival_price=order.arrival_price,
        market_price=price_of(turn.state, order.specification),
        sends=order.sends,
        legs_filled=told_legs(order) if order.specification.legs else (),
    )


def next_leg(turn: Turn, signal_key: str) -> int:
    """Return the leg of the next order of a signal; the first order is leg 0."""
    return turn.state.legs.get(signal_key, 0) + 1


def _put_away(turn: Turn, order: Order) -> None:
    """Keep an ended order for a while; then only the time before which ids are not taken."""
    state, identity = turn.state, order.specification.client_order_id
    state.orders.pop(identity, None)
    state.closed[identity] = order
    while len(state.closed) > turn.parameters.closed_orders_kept:
        oldest = state.closed.pop(next(iter(state.closed)))
        if oldest.leg == 0:
            key = watermark_key(oldest.strategy, oldest.specification.symbol)
            newest = max(state.forgotten_until_ns.get(key, 0), oldest.decided_at_ns)
            state.forgotten_until_ns[key] = newest
        _forget_legs(turn, oldest.signal_key)


def _forget_legs(turn: Turn, signal_key: str) -> None:
    """Forget how many orders a signal has had, once none of them can be followed by another."""
    state = turn.state
    if signal_key not in state.legs:
        return
    followed = state.find(client_order_id(signal_key, 0)) is not None
    followed = followed or any(p.signal_key == signal_key for p in state.exit_plans.values())
    if not followed and not any(o.signal_key == signal_key for o in state.orders.values()):
        del state.legs[signal_key]


def watermark_key(strategy: str, symbol: str) -> str:
    """Return the key under which forgotten orders leave their newest time."""
    return f"{strategy}|{symbol}"
