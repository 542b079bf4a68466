"""Keeps the exits as they should be: looked at again at the end of every turn.

1. Each plan has at most one order open in each role: a STOP, and a LIMIT at the target. Both are
   reduce-only, good till cancelled, in the strategy's name, and share one `oco_group`.
2. An exit of the wrong size is cancelled, and the next is placed when it has provably ended: never
   are two open in one role. One that execution holds itself is resized where it is.
   None is sent while another that closes the same may still fill (`room`).
   What a venue that keeps choices itself takes off the sibling of a fill needs no cancel; a choice
   that has filled in part is followed by a new one when an exit has to be placed again.
3. Where the gate does not let a strategy reduce, no exit is placed; what was cancelled by the gate
   comes back when it is lowered.
4. An exit that the venue refuses or ends is placed again, each time a while later, for as long as
   there is something to protect. After a few times in a row its strategy is latched `REDUCE_ONLY`:
   what stands without its exit is told to people, and does not grow.
   A stop that the venue refuses because the market has passed it is let go as one that was held
   and is triggered: at the market, at once.
5. Ids count on from the entry's: the same exit sent again has the same id, the next has another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderSpecification, OrderType, Side, TimeInForce
from tidegate_contracts.risk import GateLevel, RaiseGate
from tidegate_execution.core.closing import orderable
from tidegate_execution.core.exits.plan import ExitPlan, Role
from tidegate_execution.core.exits.room import has_room
from tidegate_execution.core.exits.sizing import forget_what_is_closed, wanted_quantities
from tidegate_execution.core.gatekeeping import latch, lets_pass
from tidegate_execution.core.held.holding import dispatch, hold_triggered, is_held, resize
from tidegate_execution.core.orders.changes import begin, next_leg
from tidegate_execution.core.orders.order import Order, Warrant
from tidegate_execution.core.reasons import Code
from tidegate_execution.core.venue_requests import cancel
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_execution.core.turn import Turn

EXITS_TIMER = "exits"
FAILURES_TOLD = 5
DOUBLINGS_MAX = 16
"""Only a bound on the number that is then cut to `retry_after_max_ns`."""


def keep(turn: Turn) -> None:
    """Bring every exit nearer to what it should be; forget the plans that are over."""
    forget_what_is_closed(turn)
    wanted = wanted_quantities(turn)
    for key in list(turn.state.exit_plans):
        plan = turn.state.exit_plans[key]
        for role in Role:
            _keep_role(turn, plan, role, wanted[key])
        plan.caused_at_ns = 0
        if _is_over(turn, plan):
            del turn.state.exit_plans[key]


def _is_over(turn: Turn, plan: ExitPlan) -> bool:
    """Tell whether nothing is left to close; what is less than a lot of an open entry may grow."""
    orders = turn.state.orders
    if plan.stop_id in orders or plan.target_id in orders:
        return False
    if plan.left == 0:
        return True
    grows = plan.is_new and plan.entry_id in orders
    return not grows and orderable(turn, plan.symbol, plan.left) == 0


def _keep_role(turn: Turn, plan: ExitPlan, role: Role, quantity: Decimal) -> None:
    if plan.price(role) is None:
        return
    if role is Role.TARGET and _is_triggered(turn, plan):
        quantity = ZERO
    order = turn.state.orders.get(plan.order_id(role))
    if order is None:
        _take_end(turn, plan, role)
        if quantity > 0:
            _place(turn, plan, role, quantity)
    elif order.remaining != quantity:
        if order.held and quantity > 0:
            resize(turn, order, quantity)
        else:
            cancel(turn, order, Code.EXIT_RESIZED if quantity > 0 else Code.EXIT_NOT_NEEDED)


def _is_triggered(turn: Turn, plan: ExitPlan) -> bool:
    stop = turn.state.orders.get(plan.stop_id)
    return stop is not None and stop.triggered


def _take_end(turn: Turn, plan: ExitPlan, role: Role) -> None:
    """See how the last exit of a role has ended; wait a while when it should not have."""
    ended = turn.state.closed.get(plan.order_id(role))
    plan.note(role, "")
    if ended is None or ended.cancel_code or ended.remaining > plan.left or ended.remaining == 0:
        return
    if plan.passed and role is Role.STOP and not ended.emulated:
        # What waits at no venue any more goes to the market, and at once.
        return
    plan.failures += 1
    tries = min(plan.failures - 1, DOUBLINGS_MAX)
    delay_ns = min(turn.parameters.retry_after_ns << tries, turn.parameters.retry_after_max_ns)
    plan.retry_at_ns = turn.now_ns + delay_ns
    turn.wake_after(EXITS_TIMER, delay_ns)
    if plan.failures == FAILURES_TOLD:
        _tell(turn, plan, ended)


def _tell(turn: Turn, plan: ExitPlan, ended: Order) -> None:
    """Let the strategy open nothing more while what it holds stands without its exit."""
    found = f"{ended.specification.order_type.name} of {plan.symbol} ended as {ended.state.name}"
    command = RaiseGate(
        scope=f"strategy:{turn.parameters.session}/{plan.strategy}",
        level=GateLevel.REDUCE_ONLY,
        principal="breaker:execution",
        reason=f"{Code.EXIT_FAILED}: expected an exit to work at the venue, found that the "
        f"{found}, {plan.failures} times in a row; it is tried again",
    )
    latch(turn, f"{turn.parameters.shard}:{Code.EXIT_FAILED}:{ended.client_order_id}", command)


def _place(turn: Turn, plan: ExitPlan, role: Role, quantity: Decimal) -> None:
    if turn.now_ns < plan.retry_at_ns or not _has_a_choice(turn, plan):
        return
    leg = next_leg(turn, plan.signal_key)
    order = Order(
        strategy=plan.strategy,
        signal_key=plan.signal_key,
        leg=leg,
        specification=_specification(plan, role, client_order_id(plan.signal_key, leg), quantity),
        decided_at_ns=plan.caused_at_ns or turn.now_ns,
        warrant=Warrant(term=turn.state.newest_term, gate_epoch=turn.state.gate.epoch),
        exit_plan=plan.key,
    )
    passed = plan.passed and role is Role.STOP
    held = passed or is_held(turn, order.specification)
    if not lets_pass(turn, order) or not (held or has_room(turn, order)):
        return
    turn.state.legs[plan.signal_key] = leg
    plan.note(role, order.client_order_id)
    begin(turn, order)
    if passed:
        hold_triggered(turn, order)
    else:
        dispatch(turn, order)


def _has_a_choice(turn: Turn, plan: ExitPlan) -> bool:
    """Tell whether an exit may join the others; a choice that has filled in part takes none."""
    if plan.choice_filled == 0:
        return True
    opened = [turn.state.orders.get(each) for each in (plan.stop_id, plan.target_id)]
    for order in opened:
        if order is not None:
            cancel(turn, order, Code.EXIT_RESIZED)
    if any(order is not None and not order.ended for order in opened):
        return False
    plan.choices += 1
    plan.choice_filled = ZERO
    return True


def _specification(
    plan: ExitPlan, role: Role, identity: str, quantity: Decimal
) -> OrderSpecification:
    price, is_stop = plan.price(role), role is Role.STOP
    return OrderSpecification(
        client_order_id=identity,
        venue=plan.venue,
        symbol=plan.symbol,
        side=Side.SELL if plan.sign > 0 else Side.BUY,
        order_type=OrderType.STOP if is_stop else OrderType.LIMIT,
        quantity=quantity,
        limit_price=None if is_stop else price,
        trigger_price=price if is_stop else None,
        time_in_force=TimeInForce.GTC,
        reduce_only=True,
        oco_group=plan.group,
    )
