"""Executions become fills: each once, by the venue's execution id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import Fill
from tidegate_execution.core.orders.order import GATE_STRATEGY
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

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
    _hold(turn, order, order.sign * execution.quantity)
    turn.state.changes += 1
    order.changed_n = turn.state.changes
    turn.publish(_fill(turn, order, execution))
    return True


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


def _hold(turn: Turn, order: Order, signed: Decimal) -> None:
    symbol = order.specification.symbol
    if order.strategy == GATE_STRATEGY:
        signed = _take_from_strategies(turn, symbol, signed)
    if signed != 0:
        _add(turn, order.strategy, symbol, signed)


def _take_from_strategies(turn: Turn, symbol: str, signed: Decimal) -> Decimal:
    """Let the gate's fill reduce what strategies hold, by name; return what is left of it."""
    left = signed
    for strategy in sorted(turn.state.holdings):
        held = turn.state.held(strategy, symbol)
        if held * left >= 0:
            continue
        part = min(abs(held), abs(left)) * (1 if left > 0 else -1)
        _add(turn, strategy, symbol, part)
        left -= part
    return left


def _add(turn: Turn, strategy: str, symbol: str, signed: Decimal) -> None:
    held = turn.state.holdings.setdefault(strategy, {})
    after = held.get(symbol, ZERO) + signed
    if after == 0:
        held.pop(symbol, None)
    else:
        held[symbol] = after
