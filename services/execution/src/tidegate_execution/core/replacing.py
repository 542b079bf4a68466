"""Cancels and replacements that a person asks for.

1. A replacement is written down as `PENDING` in the turn that takes the command, under the next leg
   of its signal, and waits until the old order has provably ended: never are both open, whatever
   crashes in between. It is sent with what is left then, or withdrawn when nothing is.
2. It may only be what the approval of the old order covers: no larger, at no worse price, on the
   same side. Everything else needs a new verdict and is refused.
3. When it is sent, everything that lets an entry pass is asked again: the gate, that no raise has
   come since the approval, reconciliation.
4. A protective exit is moved, not replaced: its plan has the new price from then on. One that is
   cancelled by hand is not placed again. Of a stop and a target in one order the limit price moves
   the target, the trigger price the stop; who cancels it gives up both.
   Exits that were sent with their entry are the venue's while that is open: who cancels the entry
   ends both. Such an entry is not replaced.
5. Who cancels a slice means the order that it is a part of. Neither of them is replaced.
6. A repeated command gets the same answer and does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import (
    CancelOrder,
    OrderCommandAnswer,
    OrderState,
    OrderType,
    ReplaceOrder,
)
from tidegate_execution.core.capabilities import unsupported
from tidegate_execution.core.exits.attached import is_bound
from tidegate_execution.core.exits.plan import Role
from tidegate_execution.core.order_form import faults_of
from tidegate_execution.core.orders.attached import entry_of
from tidegate_execution.core.orders.changes import begin, next_leg
from tidegate_execution.core.orders.choices import is_choice
from tidegate_execution.core.orders.order import Order
from tidegate_execution.core.reasons import Code, Refusal
from tidegate_execution.core.venue_requests import cancel
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.execution import OrderSpecification
    from tidegate_execution.core.turn import Turn

ANSWERS_REMEMBERED = 1_000
Command = CancelOrder | ReplaceOrder
_TERMS = ("limit_price", "trigger_price", "trail_amount", "trail_percent")


def take_command(turn: Turn, call_id: str, command: Command) -> None:
    """Obey a person, and answer; a repeated call repeats."""
    answers = turn.state.commanded
    answer = answers.get(call_id)
    if answer is None:
        answer = _obey(turn, command)
        answers[call_id] = answer
        while len(answers) > ANSWERS_REMEMBERED:
            del answers[next(iter(answers))]
    turn.answer(call_id, answer)


def _obey(turn: Turn, command: Command) -> OrderCommandAnswer:
    identity = command.client_order_id
    order = turn.state.find(identity)
    refusal = _not_open(turn, order, identity)
    if refusal is None and isinstance(command, ReplaceOrder):
        assert order is not None, "an open order was found"
        refusal = _not_replaceable(turn, order, command)
    if refusal is not None:
        return OrderCommandAnswer(
            client_order_id=identity, code=refusal.code, message=refusal.message
        )
    assert order is not None, "an open order was found"
    if isinstance(command, ReplaceOrder):
        return _replace(turn, order, command)
    return _cancel(turn, order, command)


def _not_open(turn: Turn, order: Order | None, identity: str) -> Refusal | None:
    if order is None:
        return Refusal("ORDER_UNKNOWN", f"expected an order of this session, found {identity}")
    if order.ended:
        return Refusal("ORDER_ENDED", f"expected an open order, found {order.state.name}")
    if order.flattens:
        return Refusal("ORDER_OF_THE_GATE", "the gate closes with it: lower the gate instead")
    if is_bound(turn, order):
        entry = entry_of(identity)
        return Refusal(
            "ENTRY_OPEN", f"it ends with the entry that it was sent with: cancel {entry}"
        )
    return None


def _cancel(turn: Turn, order: Order, command: CancelOrder) -> OrderCommandAnswer:
    plan = turn.state.exit_plans.get(order.exit_plan)
    if plan is not None:
        for role in _roles_of(order):
            plan.give_up(role)
    order = turn.state.orders.get(order.parent, order)
    cancel(turn, order, Code.CANCELLED_BY_HAND, _because(command))
    message = "the venue is asked to cancel it" if not order.ended else "it was not at the venue"
    return OrderCommandAnswer(client_order_id=order.client_order_id, accepted=True, message=message)


def _replace(turn: Turn, order: Order, command: ReplaceOrder) -> OrderCommandAnswer:
    leg = next_leg(turn, order.signal_key)
    identity = client_order_id(order.signal_key, leg)
    wanted = _wanted(order, command)
    plan = turn.state.exit_plans.get(order.exit_plan)
    if plan is not None:
        for role in _roles_of(order):
            plan.move(role, wanted.trigger_price if role is Role.STOP else wanted.limit_price)
        cancel(turn, order, Code.REPLACED_BY_HAND, _because(command))
        message = "the exit is placed at the new price when the old one has ended"
        return OrderCommandAnswer(
            client_order_id=order.client_order_id, accepted=True, message=message
        )
    following = Order(
        strategy=order.strategy,
        signal_key=order.signal_key,
        leg=leg,
        specification=msgspec.structs.replace(wanted, client_order_id=identity),
        decided_at_ns=turn.now_ns,
        warrant=msgspec.structs.replace(order.warrant, expires_at_ns=0),
        replaces=order.client_order_id,
        exact=order.exact,
        waits_for=[order.client_order_id],
    )
    turn.state.legs[order.signal_key] = leg
    begin(turn, following, f"replaces {order.client_order_id}, {_because(command)}")
    cancel(turn, order, Code.REPLACED_BY_HAND, _because(command))
    return OrderCommandAnswer(
        client_order_id=order.client_order_id,
        accepted=True,
        message="the new order is sent when the old one has ended, with what is left then",
        following_client_order_id=identity,
    )


def _because(command: Command) -> str:
    return f"by {command.principal}: {command.reason}"


def _roles_of(order: Order) -> tuple[Role, ...]:
    if is_choice(order.specification):
        return tuple(Role)
    is_target = order.specification.order_type == OrderType.LIMIT
    return (Role.TARGET,) if is_target else (Role.STOP,)


def _wanted(order: Order, command: ReplaceOrder) -> OrderSpecification:
    """Return the order with the terms that the command names, and no more than is left."""
    changed = {name: getattr(command, name) for name in _TERMS}
    changes = {name: value for name, value in changed.items() if value is not None}
    left = order.remaining
    quantity = left if command.quantity is None else command.quantity
    return msgspec.structs.replace(order.specification, quantity=quantity, **changes)


def _not_replaceable(turn: Turn, order: Order, command: ReplaceOrder) -> Refusal | None:
    state = order.state
    if order.cancel_code or state == OrderState.PENDING:
        found = "one that is being cancelled" if order.cancel_code else "PENDING"
        return Refusal("ORDER_NOT_WORKING", f"expected an order that works, found {found}")
    kind, code = _kept_whole(order)
    if code:
        message = f"an order {kind} is cancelled and placed anew, as one that is approved anew"
        return Refusal(code, message)
    if order.exit_plan and command.quantity is not None:
        return Refusal("EXIT_SIZE_FIXED", "an exit is as large as what it protects: leave it out")
    wanted = _wanted(order, command)
    faults = [fault for each in _apart(order, wanted) for fault in faults_of(each, turn.now_ns)]
    if not wanted.quantity.is_finite() or wanted.quantity <= 0:
        faults.append(f"expected a quantity above 0, found {wanted.quantity}")
    lacking = unsupported(wanted, turn.parameters.venue_kind_of(wanted.symbol))
    if faults or lacking:
        return Refusal(Code.SPECIFICATION_INVALID, "; ".join([*faults, *filter(None, [lacking])]))
    if wanted == msgspec.structs.replace(order.specification, quantity=order.remaining):
        return Refusal("NOTHING_CHANGED", "expected another quantity or price, found the same")
    return _increases(order, wanted)


def _kept_whole(order: Order) -> tuple[str, str]:
    """Say of what kind an order is that is not replaced, and the code of that; empty if it is."""
    if order.specification.legs:
        return "with legs", "ORDER_HAS_LEGS"
    if order.exits is not None:
        return "that was sent with its exits", "ORDER_HAS_EXITS"
    return ("in slices", "ORDER_SLICED") if order.is_parent or order.parent else ("", "")


def _apart(order: Order, wanted: OrderSpecification) -> tuple[OrderSpecification, ...]:
    """Return an order as it is judged: a stop and a target in one order one by one."""
    if not is_choice(order.specification):
        return (wanted,)
    stop = msgspec.structs.replace(wanted, order_type=OrderType.STOP, limit_price=None)
    return stop, msgspec.structs.replace(wanted, trigger_price=None)


def _increases(order: Order, wanted: OrderSpecification) -> Refusal | None:
    """Refuse what the approval of an order does not cover."""
    worse: list[tuple[str, Decimal, Decimal]] = []
    if wanted.quantity > order.remaining:
        worse.append(("quantity", order.remaining, wanted.quantity))
    for name in _TERMS if not order.specification.reduce_only else ():
        before, after = getattr(order.specification, name), getattr(wanted, name)
        if before is None or after is None:
            continue
        # A seller's limit and trigger are worse below, a trail is worse when it is longer.
        sign = 1 if name.startswith("trail") else order.sign
        if sign * (after - before) > 0:
            worse.append((name, before, after))
    if not worse:
        return None
    name, before, after = worse[0]
    bound = "at most" if name in ("quantity", "trail_amount", "trail_percent") else "no worse than"
    message = f"expected a {name} of {bound} {plain(before)}, found {plain(after)}"
    return Refusal("RISK_INCREASING", f"{message}: that needs an approval of its own")
