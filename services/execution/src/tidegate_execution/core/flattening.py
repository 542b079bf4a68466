"""Flattening: the gate closes what is held, with reduce-only market orders of its own.

1. What a strategy holds of a symbol is closed where the gate is `FLATTENING` for it, whatever wider
   scope is `HALTED`: an order obeys the worst of its scopes. Other holdings are left alone.
2. An order is sized from the book of fills: what its strategy holds, at most what the account holds
   less what other closing orders will close. So it never turns a position around, and what
   strategies hold against each other, which the venue does not know, stays where it is.
3. It is the strategy's order, without a signal: every book learns from its fills who holds less.
4. One order at a time for each holding. What is left when it has ended is closed by the next one,
   after ``retry_after_ns``; a restart goes on from the journal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderSpecification, OrderType, Side, TimeInForce
from tidegate_execution.core.closing import closable
from tidegate_execution.core.gatekeeping import level_for
from tidegate_execution.core.orders.changes import begin
from tidegate_execution.core.orders.order import Order, Warrant
from tidegate_execution.core.state import NOBODY
from tidegate_execution.core.venue_requests import send
from tidegate_kernel.gate import Level
from tidegate_kernel.identifiers import client_order_id

if TYPE_CHECKING:
    from tidegate_execution.core.turn import Turn

Holding = tuple[str, str]
"""A strategy and a symbol."""


def left_to_close(turn: Turn) -> list[Holding]:
    """Return what flattened scopes still hold, closing orders under way or not."""
    return [
        (strategy, symbol)
        for strategy, symbol in _flattened(turn)
        if _under_way(turn, strategy, symbol)
        or closable(turn, strategy, symbol, _side_of(turn, strategy, symbol)) > 0
    ]


def close_holdings(turn: Turn) -> None:
    """Send a closing order for every holding that has none under way."""
    for strategy, symbol in _flattened(turn):
        if not (_under_way(turn, strategy, symbol) or _has_exits(turn, strategy, symbol)):
            _close(turn, strategy, symbol)


def _flattened(turn: Turn) -> list[Holding]:
    """Return all holdings in flattened scopes, in the order of their names."""
    state = turn.state
    return [
        (strategy, symbol)
        for strategy in sorted(state.holdings)
        if strategy != NOBODY
        for symbol in sorted(state.holdings[strategy])
        if level_for(turn, turn.coverage(strategy, state.venues.get(symbol, ""), symbol))
        is Level.FLATTENING
    ]


def _under_way(turn: Turn, strategy: str, symbol: str) -> bool:
    return any(
        order.flattens and order.strategy == strategy and order.specification.symbol == symbol
        for order in turn.state.orders.values()
    )


def _has_exits(turn: Turn, strategy: str, symbol: str) -> bool:
    """Tell whether exits that came with a late entry have yet to end: both would close the same."""
    return any(
        order.exit_plan and order.strategy == strategy and order.specification.symbol == symbol
        for order in turn.state.orders.values()
    )


def _side_of(turn: Turn, strategy: str, symbol: str) -> int:
    return -1 if turn.state.held(strategy, symbol) > 0 else 1


def _close(turn: Turn, strategy: str, symbol: str) -> None:
    state, sign = turn.state, _side_of(turn, strategy, symbol)
    quantity = closable(turn, strategy, symbol, sign)
    if quantity == 0:
        return
    state.gate_orders += 1
    key = f"gate|{turn.parameters.session}|{strategy}|{symbol}|{state.gate.epoch}"
    specification = OrderSpecification(
        client_order_id=client_order_id(key, state.gate_orders),
        venue=state.venues[symbol],
        symbol=symbol,
        side=Side.BUY if sign > 0 else Side.SELL,
        order_type=OrderType.MARKET,
        quantity=quantity,
        time_in_force=TimeInForce.GTC,
        reduce_only=True,
    )
    order = Order(
        strategy=strategy,
        signal_key="",
        leg=state.gate_orders,
        specification=specification,
        decided_at_ns=turn.now_ns,
        warrant=Warrant(term=state.newest_term, gate_epoch=state.gate.epoch),
        flattens=True,
    )
    begin(turn, order)
    send(turn, order)
