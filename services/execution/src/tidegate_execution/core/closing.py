"""A reduce-only verdict: first cancel what could still increase, then close what is held.

1. The strategy's open entry orders of the symbol and its protective exits are cancelled, and the
   closing order waits, as `PENDING`, until each of them has provably ended: one may have filled
   meanwhile.
2. Then it closes what the strategy holds, less what other closing orders will close, and never
   more than the account holds. The verdict's quantity is what risk knew; what is sent is what is
   held, because a reduce-only verdict means "get out" and cannot increase a position.
   One that is `exact` closes at most its quantity and leaves entries alone; exits make room for it
   all the same, and are placed again for what it leaves.
3. With nothing to close the order ends as `CANCELLED`, `NOTHING_TO_CLOSE`. What is less than the
   venue takes in one order is nothing: fees in kind leave such dust, and no order can sell it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import OrderState
from tidegate_execution.core.gatekeeping import cause_for, lets_pass, level_for
from tidegate_execution.core.held.holding import dispatch, may_follow, warrant_anew
from tidegate_execution.core.last_hop import expired
from tidegate_execution.core.orders.changes import change
from tidegate_execution.core.orders.legs import SIGNS, remaining_of, trades_same
from tidegate_execution.core.orders.lifecycle import OrderInput
from tidegate_execution.core.orders.order import Occasion, Order
from tidegate_execution.core.reasons import Code
from tidegate_execution.core.resolution import may_arrive
from tidegate_execution.core.venue_requests import ORDER_TIMER, cancel
from tidegate_kernel.contracts import CONTRACT_UNITS
from tidegate_kernel.fees import coin_of
from tidegate_kernel.money import ZERO, round_down

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_execution.core.turn import Turn


def start(turn: Turn, order: Order) -> None:
    """Cancel the strategy's entries and exits of this symbol; close at once when there are none."""
    entries = [
        other
        for other in turn.state.orders.values()
        if other.strategy == order.strategy
        and trades_same(other.specification, order.specification)
        and _makes_room(other, order)
    ]
    order.waits_for = [entry.client_order_id for entry in entries]
    for entry in entries:
        cancel(turn, entry, Code.REPLACED_BY_CLOSE)
    expires_at_ns = order.warrant.expires_at_ns
    if expires_at_ns and entries:
        delay_ns = max(expires_at_ns - turn.now_ns, 0) + 1
        turn.wake_after(ORDER_TIMER + order.client_order_id, delay_ns)
    advance(turn)


def _makes_room(other: Order, order: Order) -> bool:
    """Tell whether an open order ends before a closing one is sent."""
    if other.exit_plan:
        return True
    return not order.exact and (other.exact or not other.specification.reduce_only)


def advance(turn: Turn) -> None:
    """Send every closing order whose entries have all ended; let the others lapse in time."""
    for order in list(turn.state.orders.values()):
        if order.state != OrderState.PENDING:
            continue
        refusal = expired(order.warrant.expires_at_ns, turn.now_ns)
        waiting = any(each in turn.state.orders for each in order.waits_for)
        if refusal is not None:
            occasion = Occasion(turn.now_ns, refusal.code, refusal.message)
            change(turn, order, OrderInput.LAPSE, occasion)
        elif not waiting and order.replaces:
            follow(turn, order)
        elif not waiting:
            _close(turn, order)


def follow(turn: Turn, order: Order) -> None:
    """Send what is left of an order that was cancelled to be replaced by this one."""
    order.waits_for = []
    specification = order.specification
    old = turn.state.closed.get(order.replaces)
    made_way = old is not None and old.cancel_code == Code.REPLACED_BY_HAND
    # What was given up without a proof may still fill: nothing of it is left to send again.
    left = old.remaining if old is not None and made_way and not may_arrive(turn, old) else ZERO
    quantity = min(specification.quantity, left)
    if specification.reduce_only:
        room = closable(turn, order.strategy, specification.symbol, order.sign)
        quantity = min(quantity, room)
    refusal = may_follow(turn, order)
    if quantity == 0:
        occasion = Occasion(turn.now_ns, Code.NOTHING_LEFT, f"nothing is left of {order.replaces}")
        change(turn, order, OrderInput.WITHDRAW, occasion)
    elif refusal is not None:
        occasion = Occasion(turn.now_ns, refusal.code, refusal.message)
        change(turn, order, OrderInput.REFUSE, occasion)
    else:
        order.specification = msgspec.structs.replace(specification, quantity=quantity)
        warrant_anew(turn, order)
        dispatch(turn, order)


def _close(turn: Turn, order: Order) -> None:
    order.waits_for = []
    if not lets_pass(turn, order):
        coverage = order.coverage(turn.parameters.session, turn.parameters.account)
        reason = f"{level_for(turn, coverage).name} in {cause_for(turn, coverage)}"
        change(turn, order, OrderInput.REFUSE, Occasion(turn.now_ns, Code.GATE_CLOSED, reason))
        return
    quantity = _closable_by(turn, order)
    if order.exact:
        quantity = min(quantity, order.specification.quantity)
    if quantity == 0:
        reason = f"{order.strategy} holds nothing to close in {order.specification.symbol}"
        occasion = Occasion(turn.now_ns, Code.NOTHING_TO_CLOSE, reason)
        change(turn, order, OrderInput.WITHDRAW, occasion)
        return
    order.specification = msgspec.structs.replace(order.specification, quantity=quantity)
    dispatch(turn, order)


def _closable_by(turn: Turn, order: Order) -> Decimal:
    """Return how much an order may close; one with legs, the structures that all of them hold."""
    specification = order.specification
    if not specification.legs:
        return closable(turn, order.strategy, specification.symbol, order.sign)
    least = min(
        closable(turn, order.strategy, leg.symbol, SIGNS[leg.side]) / leg.ratio
        for leg in specification.legs
    )
    return round_down(least, CONTRACT_UNITS)


def closable(turn: Turn, strategy: str, symbol: str, sign: int) -> Decimal:
    """Return how much of a strategy's holding an order may close, at least 0.

    ``sign`` is +1 for a buy. Never more than the account holds, and never what other closing
    orders will close: nothing that closes may turn a position around. Protective exits make room.
    """
    others = [
        other
        for other in turn.state.orders.values()
        if other.state != OrderState.PENDING
        and other.specification.reduce_only
        and other.exit_plan == ""
        and other.parent == ""
    ]
    own = sum((remaining_of(e, symbol, sign) for e in others if e.strategy == strategy), ZERO)
    everybody = sum((remaining_of(each, symbol, sign) for each in others), ZERO)
    held = -sign * turn.state.held(strategy, symbol) - own
    account = -sign * turn.state.net_holding(symbol) - everybody
    return orderable(turn, symbol, max(min(held, account), ZERO))


def orderable(turn: Turn, symbol: str, quantity: Decimal) -> Decimal:
    """Return the whole lots in a quantity, 0 if the venue takes no order as small as that."""
    listing = f"{turn.state.venues.get(symbol, '')}|{symbol}"
    grid = turn.state.grids.get(listing)
    if grid is None or grid.lot_size <= 0:
        return quantity
    lots = round_down(quantity, grid.lot_size)
    if lots < grid.min_quantity:
        return ZERO
    price = turn.state.price_of(listing)
    is_dust = coin_of(symbol) and price is not None and lots * price < grid.min_notional
    return ZERO if is_dust else lots
