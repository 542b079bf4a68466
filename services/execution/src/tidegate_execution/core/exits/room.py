"""How much of a position may still be sold by an exit, whatever else may still fill.

1. An exit leaves only when it and everything that could still fill beside it are together no more
   than what is held. What is being cancelled may still fill, and counts until it has ended.
2. Of one plan only one order may rest at the venue, unless the venue itself keeps them as a choice:
   then all in the choice count as one.
3. What execution holds cannot fill, and does not count; it is asked again when it is let go.
4. Exits that are bound to an open entry can close no more than that has filled: so much counts.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderState
from tidegate_execution.core.capabilities import ONE_CANCELS_OTHER, Way
from tidegate_execution.core.exits.attached import is_bound
from tidegate_execution.core.exits.plan import owed
from tidegate_execution.core.orders.attached import entry_of
from tidegate_execution.core.orders.legs import remaining_of, trades
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.turn import Turn

Key = tuple[str, str, int]
"""Strategy (empty for the whole account), symbol and sign of the position."""


def has_room(turn: Turn, order: Order) -> bool:
    """Tell whether an exit may be sent now without anything being closed twice."""
    symbol, sign = order.specification.symbol, -order.sign
    choice = _choice(turn, order)
    for key in ((order.strategy, symbol, sign), ("", symbol, sign)):
        others: dict[str, Decimal] = {}
        for other in turn.state.orders.values():
            if other is order or not _may_fill(other, key) or _choice(turn, other) == choice:
                continue
            if other.exit_plan == order.exit_plan:
                return False
            name = _choice(turn, other)
            others[name] = max(others.get(name, ZERO), _closable_by(turn, other))
        if order.remaining + sum(others.values(), ZERO) > free(turn, key):
            return False
    return True


def free(turn: Turn, key: Key) -> Decimal:
    """Return what is held, booked or not, and no closing order is about to close."""
    strategy, symbol, sign = key
    state = turn.state
    held = state.held(strategy, symbol) if strategy else state.net_holding(symbol)
    held = sign * held + owed(turn, strategy, symbol, sign)
    closing = [each for each in state.orders.values() if _closes(each, key)]
    if strategy and any(each.state == OrderState.PENDING and not each.replaces for each in closing):
        return ZERO
    sent = (each for each in closing if each.state != OrderState.PENDING)
    under_way = [remaining_of(each, symbol, -sign) for each in sent]
    return max(held - sum(under_way, ZERO), ZERO)


def _closable_by(turn: Turn, exit_order: Order) -> Decimal:
    if not is_bound(turn, exit_order):
        return exit_order.remaining
    entry = turn.state.orders[entry_of(exit_order.client_order_id)]
    filled = max(entry.filled_quantity - exit_order.filled_quantity, ZERO)
    return min(exit_order.remaining, filled)


def _closes(order: Order, key: Key) -> bool:
    return order.exit_plan == "" and order.parent == "" and _reduces(order, key)


def _may_fill(order: Order, key: Key) -> bool:
    return order.exit_plan != "" and not order.held and _reduces(order, key)


def _reduces(order: Order, key: Key) -> bool:
    strategy, symbol, sign = key
    return (
        order.specification.reduce_only
        and trades(order, symbol, -sign)
        and strategy in ("", order.strategy)
    )


def _choice(turn: Turn, order: Order) -> str:
    """Return what an order shares with those of which the venue fills only one."""
    group = order.specification.oco_group
    kind = turn.parameters.venue_kind_of(order.specification.symbol)
    kept = group and ONE_CANCELS_OTHER[kind] is Way.NATIVE
    return f"{order.strategy}|{group}" if kept else order.client_order_id
