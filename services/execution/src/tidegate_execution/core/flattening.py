"""Flattening: the gate closes what is held, with reduce-only market orders of its own.

1. What a strategy holds of a symbol is closed where the gate is `FLATTENING` for it, whatever wider
   scope is `HALTED`: an order obeys the worst of its scopes. Other holdings are left alone, but for
   options that a strategy has sold and whose cover would be closed: they are closed with it.
2. On one underlying, what was sold is bought back first. While any of that is left, nothing on that
   underlying is sold, of no strategy: a bought option, or shares, may be all that bounds the loss
   of a sold one, and the venue knows no strategies.
3. An order is sized from the book of fills: what its strategy holds, at most what the account holds
   less what other closing orders will close. So it never turns a position around, and what
   strategies hold against each other, which the venue does not know, stays where it is.
4. It is the strategy's order, without a signal: every book learns from its fills who holds less.
5. One order at a time for each holding, after the strategy's other orders of the symbol have ended
   (`closing`). What is left when it has ended is closed by the next one, after ``retry_after_ns``;
   a restart goes on from the journal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderSpecification, OrderType, Side, TimeInForce
from tidegate_execution.core.closing import closable, start
from tidegate_execution.core.gatekeeping import level_for
from tidegate_execution.core.orders.changes import begin
from tidegate_execution.core.orders.order import Order, Warrant
from tidegate_execution.core.state import NOBODY
from tidegate_kernel.contracts import is_option, underlying_of
from tidegate_kernel.gate import Activity, Level, passes
from tidegate_kernel.identifiers import client_order_id

if TYPE_CHECKING:
    from tidegate_execution.core.turn import Turn

Holding = tuple[str, str]
"""A strategy and a symbol."""


def left_to_close(turn: Turn) -> list[Holding]:
    """Return what is still to be closed, in the order of its names, under way or not."""
    flattened = _flattened(turn)
    return [
        (strategy, symbol)
        for strategy, symbol in sorted({*flattened, *_uncovered(turn, flattened)})
        if _under_way(turn, strategy, symbol)
        or closable(turn, strategy, symbol, _side_of(turn, strategy, symbol)) > 0
    ]


def close_holdings(turn: Turn) -> None:
    """Begin a closing order for every holding that has none, what was sold first."""
    left = left_to_close(turn)
    sold_on = _sold_on(turn, left)
    held_back = [
        (strategy, symbol)
        for strategy, symbol in left
        if turn.state.held(strategy, symbol) > 0 and underlying_of(symbol) in sold_on
    ]
    for strategy, symbol in left:
        if (strategy, symbol) not in held_back and _may_begin(turn, strategy, symbol):
            _close(turn, strategy, symbol)
    turn.state.sweep.held_back = bool(held_back)


def close_held_back(turn: Turn) -> None:
    """Sell in the turn that has bought the last one back; else what is held back has its time."""
    if turn.state.sweep.held_back and not _sold_on(turn, left_to_close(turn)):
        close_holdings(turn)


def _sold_on(turn: Turn, left: list[Holding]) -> set[str]:
    """Return the underlyings of what has been sold and is not bought back yet."""
    held = turn.state.held
    return {underlying_of(symbol) for strategy, symbol in left if held(strategy, symbol) < 0}


def _flattened(turn: Turn) -> list[Holding]:
    """Return all holdings in flattened scopes."""
    holdings = turn.state.holdings
    return [
        (strategy, symbol)
        for strategy in holdings
        if strategy != NOBODY
        for symbol in holdings[strategy]
        if _level_of(turn, strategy, symbol) is Level.FLATTENING
    ]


def _uncovered(turn: Turn, flattened: list[Holding]) -> list[Holding]:
    """Return the options that strategies have sold on what they would hold less of."""
    state = turn.state
    covers = {(s, underlying_of(y)) for s, y in flattened if state.held(s, y) > 0}
    return [
        (strategy, symbol)
        for strategy, underlying in covers
        for symbol, quantity in state.holdings[strategy].items()
        if quantity < 0 and is_option(symbol) and underlying_of(symbol) == underlying
    ]


def _may_begin(turn: Turn, strategy: str, symbol: str) -> bool:
    level = _level_of(turn, strategy, symbol)
    return passes(level, Activity.FLATTEN) and not _under_way(turn, strategy, symbol)


def _level_of(turn: Turn, strategy: str, symbol: str) -> Level:
    venue = turn.state.venues.get(symbol, "")
    return level_for(turn, turn.coverage(strategy, venue, symbol))


def _under_way(turn: Turn, strategy: str, symbol: str) -> bool:
    return any(
        order.flattens and order.strategy == strategy and order.specification.symbol == symbol
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
    start(turn, order)
