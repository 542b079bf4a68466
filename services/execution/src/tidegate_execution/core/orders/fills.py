"""Executions become fills: each once, by the venue's execution id.

A fee that the venue takes in the bought coin, or in another coin that the session trades, lowers
what is held by as much, so that the book agrees with the venue to the unit. An execution of a leg
is booked under the leg's symbol and side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import Fill, Side
from tidegate_execution.core.orders.legs import leg_named, take_leg
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
    symbol, side = order.specification.symbol, order.specification.side
    if order.specification.legs:
        leg = leg_named(order.specification, execution.symbol)
        assert leg is not None, "an execution of anything else contradicts the order; see evidence"
        symbol, side = leg.symbol, leg.side
        take_leg(order, symbol, execution.quantity)
    else:
        order.filled_quantity += execution.quantity
    order.execution_ids.append(execution.execution_id)
    order.reported_quantity = max(order.reported_quantity, order.filled_quantity)
    signed = execution.quantity if side == Side.BUY else -execution.quantity
    turn.state.move(order.strategy, symbol, signed)
    turn.state.reconciliation.cash_flow -= signed * execution.price
    _take_fee(turn, order, execution, symbol)
    turn.state.changes += 1
    order.changed_n = turn.state.changes
    turn.publish(_fill(turn, order, execution, (symbol, side)))
    return True


def _take_fee(turn: Turn, order: Order, execution: VenueExecution, symbol: str) -> None:
    """Take a fee in kind off what is held: off the bought coin, or off another pair's (BNB)."""
    if execution.fee == 0:
        return
    charged = taken_in_kind(symbol, execution.fee, execution.fee_currency)
    if charged:
        turn.state.move(order.strategy, symbol, -charged)
        return
    other = _pair_of(turn, order.specification.venue, execution.fee_currency)
    if other:
        turn.state.move(NOBODY, other, -execution.fee)
    elif execution.fee_currency in ("", turn.state.reconciliation.currency):
        turn.state.reconciliation.cash_flow -= execution.fee


def _pair_of(turn: Turn, venue: str, coin: str) -> str:
    """Return the first pair of a venue, by name, whose quantity counts a coin; empty for none."""
    if not coin:
        return ""
    named = [each.partition("|") for each in turn.state.grids]
    pairs = [symbol for place, _, symbol in named if place == venue and coin_of(symbol) == coin]
    return min(pairs, default="")


def _fill(turn: Turn, order: Order, execution: VenueExecution, traded: tuple[str, Side]) -> Fill:
    symbol, side = traded
    return Fill(
        session=turn.parameters.session,
        account=turn.parameters.account,
        strategy=order.strategy,
        signal_key=order.signal_key,
        leg=order.leg,
        client_order_id=order.client_order_id,
        execution_id=execution.execution_id,
        venue=order.specification.venue,
        symbol=symbol,
        side=side,
        quantity=execution.quantity,
        price=execution.price,
        fee=execution.fee,
        fee_currency=execution.fee_currency,
        liquidity=execution.liquidity,
        event_at_ns=execution.event_at_ns,
    )
