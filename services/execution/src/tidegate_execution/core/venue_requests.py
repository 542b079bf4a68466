"""What is asked of the venue: send, cancel, query. Every request is written down first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import (
    CancelOrder,
    OrderState,
    OrderType,
    QueryOrder,
    SubmitOrder,
    TimeInForce,
)
from tidegate_execution.core.capabilities import TIMES_IN_FORCE, Way
from tidegate_execution.core.exits.attached import is_bound
from tidegate_execution.core.orders.changes import change
from tidegate_execution.core.orders.lifecycle import OrderInput
from tidegate_execution.core.orders.order import Occasion
from tidegate_kernel.gate import Activity

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderSpecification
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.turn import Turn

ORDER_TIMER = "order:"


def send(turn: Turn, order: Order) -> None:
    """Write the order down as being sent, then send it."""
    change(turn, order, _sending(order), Occasion(turn.now_ns))
    order.sends += 1
    order.last_sent_at_ns = turn.now_ns
    increases = order.activity is Activity.INCREASE
    request = SubmitOrder(
        session=turn.parameters.session,
        specification=_as_sent(turn, order),
        caused_at_ns=order.decided_at_ns,
        send_by_ns=_send_by_ns(turn, order),
        risk_increasing=increases,
        exits=order.exits,
    )
    turn.ask_venue(request, guarded=increases)


def _sending(order: Order) -> OrderInput:
    if order.state == OrderState.PENDING:
        return OrderInput.SEND
    return OrderInput.LET_GO if order.held else OrderInput.RESEND


def _as_sent(turn: Turn, order: Order) -> OrderSpecification:
    """Return what the venue is told: what is triggered has no trigger, what it lacks is left out.

    The same order is told the same way every time.
    """
    specification = order.specification
    kind = turn.parameters.venue_kind_of(specification.symbol)
    if order.emulated:
        limited = specification.limit_price is not None
        specification = msgspec.structs.replace(
            specification,
            order_type=OrderType.LIMIT if limited else OrderType.MARKET,
            trigger_price=None,
            trail_amount=None,
            trail_percent=None,
        )
    dated = specification.time_in_force == TimeInForce.GTD
    market = specification.order_type == OrderType.MARKET
    if dated and (market or TIMES_IN_FORCE[TimeInForce.GTD][kind] is Way.HELD):
        specification = msgspec.structs.replace(
            specification, time_in_force=TimeInForce.GTC, expires_at_ns=0
        )
    return specification


def _send_by_ns(turn: Turn, order: Order) -> int:
    """Return the wall time after which the request must not leave; 0 where session time is not."""
    if not turn.parameters.session_clock_is_wall:
        return 0
    latest = turn.now_ns + turn.parameters.send_within_ns
    expires = order.warrant.expires_at_ns
    return min(latest, expires) if expires else latest


def cancel(turn: Turn, order: Order, code: str, reason: str = "") -> None:
    """Want the order cancelled, and ask for it; what was never sent ends at once.

    What is sliced ends after its slice.
    """
    if order.state == OrderState.PENDING:
        change(turn, order, OrderInput.WITHDRAW, Occasion(turn.now_ns, code, reason))
    elif order.held:
        order.cancel_code = code
        change(turn, order, OrderInput.CANCELLED, Occasion(turn.now_ns, code, reason))
    elif not order.ended and not order.cancel_code:
        opened = _open_slice(turn, order)
        order.cancel_code, order.cancel_reason = code, reason
        if not order.is_parent:
            request_cancel(turn, order)
        elif opened is not None:
            cancel(turn, opened, code, reason)
        else:
            change(turn, order, OrderInput.CANCELLED, Occasion(turn.now_ns, code, reason))


def _open_slice(turn: Turn, order: Order) -> Order | None:
    slicing = turn.state.slicings.get(order.client_order_id)
    return None if slicing is None else turn.state.orders.get(slicing.slice_id)


def request_cancel(turn: Turn, order: Order) -> None:
    """Ask the venue to cancel; cancels are never guarded.

    Exits that are bound to their entry end with it, and are asked about when they have not.
    """
    if is_bound(turn, order):
        return
    order.cancels += 1
    specification = order.specification
    cancel_by_id(turn, order.client_order_id, specification.venue, specification.symbol)


def cancel_by_id(turn: Turn, client_order_id: str, venue: str, symbol: str) -> None:
    """Ask the venue to cancel whatever it holds under an id."""
    turn.ask_venue(
        CancelOrder(
            session=turn.parameters.session,
            client_order_id=client_order_id,
            venue=venue,
            symbol=symbol,
        )
    )


def query(turn: Turn, order: Order) -> None:
    """Ask what became of an order, unless that question is already under way."""
    if order.asking:
        return
    order.asking = True
    order.asked += 1
    turn.ask_venue(
        QueryOrder(
            session=turn.parameters.session,
            client_order_id=order.client_order_id,
            venue=order.specification.venue,
            symbol=order.specification.symbol,
        )
    )


def look_again(turn: Turn, order: Order) -> None:
    """Come back to an order later, each time a little later."""
    tries = min(max(order.asked, order.cancels, 1) - 1, 16)
    delay_ns = min(turn.parameters.retry_after_ns << tries, turn.parameters.retry_after_max_ns)
    turn.wake_after(ORDER_TIMER + order.client_order_id, delay_ns)
