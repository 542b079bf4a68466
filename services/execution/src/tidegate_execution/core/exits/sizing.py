"""How much each exit plan may close: never more than is held, nor what others are closing.

1. What a strategy's plans have left never adds up to more than it holds. What was closed otherwise
   is taken off the oldest plans first, for good: positions are closed first in, first out.
2. While a closing order of the strategy waits, no exit is wanted. While one works, exits cover what
   it will leave.
3. Other strategies may hold the opposite: what the account holds, which is all that the venue
   knows, bounds the exits of everybody together.
4. The newest plans are served first, in whole lots; less than a venue takes is nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_execution.core.closing import orderable
from tidegate_execution.core.exits.plan import owed
from tidegate_execution.core.exits.room import free as available
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_execution.core.exits.room import Key
    from tidegate_execution.core.turn import Turn


def forget_what_is_closed(turn: Turn) -> None:
    """Take off the plans what their strategies do not hold any more."""
    free: dict[Key, Decimal] = {}
    for plan in reversed(turn.state.exit_plans.values()):
        key = (plan.strategy, plan.symbol, plan.sign)
        held = free.get(key)
        if held is None:
            booked = plan.sign * turn.state.held(plan.strategy, plan.symbol)
            held = max(booked + owed(turn, *key), ZERO)
        plan.left = min(plan.left, held)
        free[key] = held - max(plan.left, ZERO)


def wanted_quantities(turn: Turn) -> dict[str, Decimal]:
    """Return for every plan the quantity that each of its exits should have open."""
    free: dict[Key, Decimal] = {}
    wanted: dict[str, Decimal] = {}
    for plan in reversed(turn.state.exit_plans.values()):
        own = (plan.strategy, plan.symbol, plan.sign)
        whole = ("", plan.symbol, plan.sign)
        for key in (own, whole):
            if key not in free:
                free[key] = available(turn, key)
        most = max(min(plan.left, free[own], free[whole]), ZERO)
        quantity = orderable(turn, plan.symbol, most)
        wanted[plan.key] = quantity
        free[own] -= quantity
        free[whole] -= quantity
    return wanted
