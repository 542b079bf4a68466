"""Flattening: the gate closes what is held, with reduce-only market orders of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderSpecification, OrderType, Side, TimeInForce
from tidegate_execution.core.gatekeeping import level_for
from tidegate_execution.core.orders.changes import begin
from tidegate_execution.core.orders.order import GATE_STRATEGY, Order, Warrant
from tidegate_execution.core.venue_requests import send
from tidegate_kernel.gate import Activity, Level, passes
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_execution.core.turn import Turn


def something_to_close(turn: Turn) -> bool:
    """Tell whether a flattened scope still holds anything."""
    return bool(_to_close(turn))


def close_holdings(turn: Turn) -> None:
    """Send a closing order for every symbol that is held and has none under way."""
    for symbol, held in _to_close(turn).items():
        if not _under_way(turn, symbol):
            _close(turn, symbol, held)


def _to_close(turn: Turn) -> dict[str, Decimal]:
    """Return by symbol what strategies in flattened scopes hold together, where not zero."""
    held: dict[str, Decimal] = {}
    for strategy in sorted(turn.state.holdings):
        for symbol, quantity in sorted(turn.state.holdings[strategy].items()):
            venue = turn.state.venues.get(symbol, "")
            if level_for(turn, turn.coverage(strategy, venue, symbol)) == Level.FLATTENING:
                held[symbol] = held.get(symbol, ZERO) + quantity
    return {symbol: quantity for symbol, quantity in sorted(held.items()) if quantity != 0}


def _under_way(turn: Turn, symbol: str) -> bool:
    return any(
        order.strategy == GATE_STRATEGY and order.specification.symbol == symbol
        for order in turn.state.orders.values()
    )


def _close(turn: Turn, symbol: str, held: Decimal) -> None:
    state = turn.state
    venue = state.venues[symbol]
    if not passes(level_for(turn, turn.coverage(GATE_STRATEGY, venue, symbol)), Activity.FLATTEN):
        return
    state.gate_orders += 1
    key = f"{GATE_STRATEGY}|{turn.parameters.session}|{symbol}|{state.gate.epoch}"
    specification = OrderSpecification(
        client_order_id=client_order_id(key, state.gate_orders),
        venue=venue,
        symbol=symbol,
        side=Side.SELL if held > 0 else Side.BUY,
        order_type=OrderType.MARKET,
        quantity=abs(held),
        time_in_force=TimeInForce.GTC,
        reduce_only=True,
    )
    order = Order(
        strategy=GATE_STRATEGY,
        signal_key="",
        leg=state.gate_orders,
        specification=specification,
        decided_at_ns=turn.now_ns,
        warrant=Warrant(term=state.newest_term, gate_epoch=state.gate.epoch),
    )
    begin(turn, order)
    send(turn, order)
