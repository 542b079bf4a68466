"""What a split does to what is open: prices of before mean nothing after it.

Orders with a price of their own are cancelled, wherever they wait. A protective exit follows at a
price that is worth the same; what closes at the market is sized by what is held when it is sent.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from tidegate_execution.core.exits.plan import Role
from tidegate_execution.core.reasons import Code
from tidegate_execution.core.venue_requests import cancel
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate_execution.core.exits.plan import ExitPlan
    from tidegate_execution.core.turn import Turn


def take_split(turn: Turn, symbol: str, before: Mapping[str, Decimal]) -> None:
    """Bring orders and exits of a symbol over a split that is booked; holdings of before it."""
    for order in list(turn.state.orders.values()):
        wanted = order.specification
        priced = wanted.limit_price is not None or wanted.trigger_price is not None
        trails = wanted.trail_amount is not None or wanted.trail_percent is not None
        if wanted.symbol == symbol and (priced or trails):
            cancel(turn, order, Code.SPLIT)
    for plan in turn.state.exit_plans.values():
        held = before.get(plan.strategy, ZERO)
        if plan.symbol == symbol and held != 0:
            _scale(turn, plan, turn.state.held(plan.strategy, symbol) / held)


def _scale(turn: Turn, plan: ExitPlan, ratio: Decimal) -> None:
    """Multiply what a plan covers; its prices go the other way. One of nothing is forgotten."""
    plan.left *= ratio
    if plan.left <= 0:
        plan.left = ZERO
        return
    places = turn.state.price_scales.get(f"{plan.venue}|{plan.symbol}", 0)
    step = Decimal(1).scaleb(-places)
    for role in Role:
        price = plan.price(role)
        if price is not None:
            plan.move(role, (price / ratio).quantize(step, ROUND_HALF_EVEN))
