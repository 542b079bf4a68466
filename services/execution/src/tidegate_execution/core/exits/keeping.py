"""Keeps the exits as they should be: looked at again at the end of every turn.

1. Each plan has at most one order open in each role: a STOP, and a LIMIT at the target. Both are
   reduce-only, good till cancelled, in the strategy's name, and share one `oco_group`. Where the
   venue takes both as one order (`form`), one order has both roles: a choice (`orders.choices`).
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
6. Exits that were sent with the entry (`attached`) are left alone while it is open. Then they are
   as any: of the right size they stay, else they are cancelled and the next are placed; ended by
   their venue, the next follow at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.risk import GateLevel, RaiseGate
from tidegate_execution.core.closing import orderable
from tidegate_execution.core.exits.attached import bound_exits
from tidegate_execution.core.exits.form import order_of, ways_out
from tidegate_execution.core.exits.plan import ExitPlan, Role
from tidegate_execution.core.exits.room import has_room
from tidegate_execution.core.exits.sizing import forget_what_is_closed, wanted_quantities
from tidegate_execution.core.gatekeeping import latch, lets_pass
from tidegate_execution.core.held.holding import dispatch, hold_triggered, is_held, resize
from tidegate_execution.core.orders.attached import entry_of
from tidegate_execution.core.orders.changes import begin, next_leg
from tidegate_execution.core.orders.order import Order, Warrant
from tidegate_execution.core.reasons import Code
from tidegate_execution.core.venue_requests import cancel, request_cancel
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_execution.core.exits.form import WayOut
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
        for way_out in () if bound_exits(turn, plan) else ways_out(turn, plan, wanted[key]):
            _keep_way(turn, plan, way_out, wanted[key])
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
    return not grows and orderable(turn, plan.symbol, max(plan.left, ZERO)) == 0


def _keep_way(turn: Turn, plan: ExitPlan, way_out: WayOut, quantity: Decimal) -> None:
    opened = [each for each in map(turn.state.orders.get, _ids(plan, way_out)) if each is not None]
    for order in opened:
        if order.cancel_code and order.cancels == 0:
            # It was bound to its entry when somebody wanted it cancelled.
            request_cancel(turn, order)
        if not way_out.is_form_of(order.specification):
            cancel(turn, order, Code.EXIT_RESIZED if quantity > 0 else Code.EXIT_NOT_NEEDED)
        elif order.remaining != quantity or way_out.over:
            _resize(turn, order, ZERO if way_out.over else quantity)
    if not opened:
        _take_end(turn, plan, way_out)
        if quantity > 0 and not way_out.over:
            _place(turn, plan, way_out, quantity)


def _ids(plan: ExitPlan, way_out: WayOut) -> list[str]:
    """Return the newest exits of a way out, each once."""
    named = (plan.order_id(role) for role in way_out.roles)
    return list(dict.fromkeys(each for each in named if each))


def _resize(turn: Turn, order: Order, quantity: Decimal) -> None:
    if order.held and quantity > 0:
        resize(turn, order, quantity)
    else:
        cancel(turn, order, Code.EXIT_RESIZED if quantity > 0 else Code.EXIT_NOT_NEEDED)


def _take_end(turn: Turn, plan: ExitPlan, way_out: WayOut) -> None:
    """See how the last exits of a way out have ended; wait when one should not have."""
    for identity in _ids(plan, way_out):
        ended = turn.state.closed.get(identity)
        plan.forget(identity)
        # What a venue refuses because it is passed goes to the market, and at once.
        passed = plan.passed and Role.STOP in way_out.roles
        failed = ended is not None and _has_failed(plan, ended)
        if ended is not None and failed and (ended.emulated or not passed):
            _wait(turn, plan, ended)


def _has_failed(plan: ExitPlan, ended: Order) -> bool:
    sent_alone = not entry_of(ended.client_order_id)
    return sent_alone and not ended.cancel_code and 0 < ended.remaining <= plan.left


def _wait(turn: Turn, plan: ExitPlan, ended: Order) -> None:
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


def _place(turn: Turn, plan: ExitPlan, way_out: WayOut, quantity: Decimal) -> None:
    if turn.now_ns < plan.retry_at_ns or not _has_a_choice(turn, plan):
        return
    leg = next_leg(turn, plan.signal_key)
    order = Order(
        strategy=plan.strategy,
        signal_key=plan.signal_key,
        leg=leg,
        specification=order_of(plan, way_out, client_order_id(plan.signal_key, leg), quantity),
        decided_at_ns=plan.caused_at_ns or turn.now_ns,
        warrant=Warrant(term=turn.state.newest_term, gate_epoch=turn.state.gate.epoch),
        exit_plan=plan.key,
    )
    passed = plan.passed and Role.STOP in way_out.roles
    held = passed or is_held(turn, order.specification)
    if not lets_pass(turn, order) or not (held or has_room(turn, order)):
        return
    turn.state.legs[plan.signal_key] = leg
    for role in way_out.roles:
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
