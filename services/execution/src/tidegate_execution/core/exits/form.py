"""What the exits of a plan are ordered as: a stop and a target apart, or both as one order.

1. As one order (a choice) where the venue takes it so, of whole units, with the target on the
   profitable side of the stop: the venue keeps both, and lets only one of them fill.
2. Apart otherwise. Then the stop is held where the venue ends no siblings itself (`held`).
3. A choice that the venue has refused twice in a row is not insisted upon: the next exits are
   apart, until one of them fills or a person moves one. One that it refuses because the stop is
   passed is followed at once by what a passed stop is: an order at the market.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegate_contracts.execution import OrderSpecification, OrderType, Side, TimeInForce
from tidegate_execution.core.capabilities import AS_ONE_ORDER
from tidegate_execution.core.exits.plan import Role
from tidegate_execution.core.orders.choices import is_choice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from tidegate_execution.core.exits.plan import ExitPlan
    from tidegate_execution.core.turn import Turn

CHOICE_TRIES = 2


class WayOut(NamedTuple):
    """One order that may close what a plan has left."""

    roles: tuple[Role, ...]
    # The stop is about to leave: nothing else may.
    over: bool = False

    def is_form_of(self, specification: OrderSpecification) -> bool:
        """Tell whether an order of its roles is what it should be."""
        return is_choice(specification) == (len(self.roles) > 1)


def ways_out(turn: Turn, plan: ExitPlan, quantity: Decimal) -> Iterator[WayOut]:
    """Tell which orders a plan should have open, one after the other.

    ``quantity`` is what each may close. A target is asked about once its stop has been seen to.
    """
    if not _is_triggered(turn, plan) and _is_one(turn, plan, quantity):
        yield WayOut(tuple(Role))
        return
    for role in Role:
        if plan.price(role) is not None:
            yield WayOut((role,), over=role is Role.TARGET and _is_triggered(turn, plan))


def _is_triggered(turn: Turn, plan: ExitPlan) -> bool:
    stop = turn.state.orders.get(plan.stop_id)
    return stop is not None and stop.triggered


def _is_one(turn: Turn, plan: ExitPlan, quantity: Decimal) -> bool:
    stop, target = plan.stop_price, plan.take_profit_price
    if stop is None or target is None or plan.passed or plan.failures >= CHOICE_TRIES:
        return False
    taken = turn.parameters.venue_kind_of(plan.symbol) in AS_ONE_ORDER
    return taken and quantity % 1 == 0 and plan.sign * (target - stop) > 0


def order_of(
    plan: ExitPlan, way_out: WayOut, client_order_id: str, quantity: Decimal
) -> OrderSpecification:
    """Return what is ordered; a choice has no group, for nothing else may join it."""
    stops, takes = Role.STOP in way_out.roles, Role.TARGET in way_out.roles
    return OrderSpecification(
        client_order_id=client_order_id,
        venue=plan.venue,
        symbol=plan.symbol,
        side=Side.SELL if plan.sign > 0 else Side.BUY,
        order_type=OrderType.LIMIT if takes else OrderType.STOP,
        quantity=quantity,
        limit_price=plan.take_profit_price if takes else None,
        trigger_price=plan.stop_price if stops else None,
        time_in_force=TimeInForce.GTC,
        reduce_only=True,
        oco_group="" if stops and takes else plan.group,
    )
