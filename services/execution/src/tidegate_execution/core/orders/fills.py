"""Executions become fills: each once, by the venue's execution id.

A fee that the venue takes in the bought coin, or in another coin that the session trades, lowers
what is held by as much, so that the book agrees with the venue to the unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import Fill
from tidegate_execution.core.state import NOBODY
from tidegate_kernel.fees import coin_of, taken_in_kind

if TYPE_CHECKING:
    from tidegate_contracts.execution import VenueExecution
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.turn import Turn


def book(turn: Turn, order: Order, execution: VenueExecution) -> bool:
    """Book one execution unless it is booked already; publish its fill."""
    if execution.execution_id in order.execution_ids:
        return False
    order.execution_ids.append(execution.execution_id)
    order.filled_quantity += execution.quantity
    order.reported_quantity = max(order.reported_quantity, order.filled_quantity)
    signed = order.sign * execution.quantity
    turn.state.move(order.strategy, order.specification.symbol, signed)
    turn.state.reconciliation.cash_flow -= order.sign * execution.quantity * execution.price
    _take_fee(turn, order, execution)
    turn.state.changes += 1
    order.changed_n = turn.state.changes
    turn.publish(_fill(turn, order, execution))
    return True


def _take_fee(turn: Turn, order: Order, execution: VenueExecution) -> None:
    """Take a fee in kind off what is held: off the bought coin, or off another pair's (BNB)."""
    if execution.fee == 0:
        return
    symbol = order.specification.symbol
    charged = taken_in_kind(symbol, execution.fee, execution.fee_currency)
    if charged:
        turn.state.move(order.strategy, symbol, -charged)
        return
    prefix = f"{order.specification.venue}|"
    known = sorted(each for each in turn.state.grids if each.startswith(prefix))
    paid_by = (each.removeprefix(prefix) for each in known)
    other = next((each for each in paid_by if coin_of(each) == execution.fee_currency), None)
    if other is not None:
        turn.state.move(NOBODY, other, -execution.fee)
    elif execution.fee_currency in ("", turn.state.reconciliation.currency):
        turn.state.reconciliation.cash_flow -= execution.fee


def _fill(turn: Turn, order: Order, execution: VenueExecution) -> Fill:
    specification = order.specification
    return Fill(
        session=turn.parameters.session,
        account=turn.parameters.account,
        strategy=order.strategy,
        signal_key=order.signal_key,
        leg=order.leg,
        client_order_id=order.client_order_id,
        execution_id=execution.execution_id,
        venue=specification.venue,
        symbol=specification.symbol,
        side=specification.side,
        quantity=execution.quantity,
        price=execution.price,
        fee=execution.fee,
        fee_currency=execution.fee_currency,
        liquidity=execution.liquidity,
        event_at_ns=execution.event_at_ns,
    )
