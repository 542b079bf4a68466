"""What is asked of the venue: send, cancel, query. Every request is written down first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import CancelOrder, OrderState, QueryOrder, SubmitOrder
from tidegate_execution.core.orders.changes import change
from tidegate_execution.core.orders.lifecycle import OrderInput
from tidegate_execution.core.orders.order import Occasion
from tidegate_kernel.gate import Activity

if TYPE_CHECKING:
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.turn import Turn

ORDER_TIMER = "order:"


def send(turn: Turn, order: Order) -> None:
    """Write the order down as being sent, then send it."""
    event = OrderInput.SEND if order.state == OrderState.PENDING else OrderInput.RESEND
    change(turn, order, event, Occasion(turn.now_ns))
    order.sends += 1
    order.last_sent_at_ns = turn.now_ns
    increases = order.activity is Activity.INCREASE
    request = SubmitOrder(
        session=turn.parameters.session,
        specification=order.specification,
        caused_at_ns=order.decided_at_ns,
        send_by_ns=_send_by_ns(turn, order),
        risk_increasing=increases,
    )
    turn.ask_venue(request, guarded=increases)


def _send_by_ns(turn: Turn, order: Order) -> int:
    """Return the wall time after which the request must not leave; 0 where session time is not."""
    if not turn.parameters.session_clock_is_wall:
        return 0
    latest = turn.now_ns + turn.parameters.send_within_ns
    expires = order.warrant.expires_at_ns
    return min(latest, expires) if expires else latest


def cancel(turn: Turn, order: Order, code: str) -> None:
    """Want the order cancelled, and ask for it; one that was never sent is withdrawn."""
    if order.state == OrderState.PENDING:
        change(turn, order, OrderInput.WITHDRAW, Occasion(turn.now_ns, code))
    elif not order.ended and not order.cancel_code:
        order.cancel_code = code
        request_cancel(turn, order)


def request_cancel(turn: Turn, order: Order) -> None:
    """Ask the venue to cancel; cancels are never guarded."""
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
