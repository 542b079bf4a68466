"""An exit plan: what one fill of an entry has opened, and the two orders that may close it."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from tidegate_execution.core.capabilities import ONE_CANCELS_OTHER, Way
from tidegate_execution.core.orders.attached import attached_exits_id, entry_of
from tidegate_execution.core.reasons import Code
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from tidegate_contracts.execution import VenueExecution
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.turn import Turn

NONE, STOP, BRACKET = "none", "stop", "bracket"
"""What a session wants: no exits, a stop, or a stop and a target."""


class Role(Enum):
    """The two ways out."""

    STOP = "stop"
    TARGET = "target"


class ExitPlan(msgspec.Struct):
    """What is still to be closed of what an entry has filled, and where."""

    # The entry's id and how many executions it had: also the group that its exits share.
    key: str
    strategy: str
    venue: str
    symbol: str
    signal_key: str
    # +1 for a long position.
    sign: int
    # Executions that no exit covers yet are added to it. Below 0 its exits, which were sent with
    # the entry and work when that has filled, have been heard to fill more than the entry was.
    left: Decimal
    stop_price: Decimal | None
    take_profit_price: Decimal | None
    # Event time of the fill, in the turn that booked it; 0 afterwards.
    caused_at_ns: int = 0
    # How much the present choice of stop and target has filled, and how many came before it.
    choice_filled: Decimal = ZERO
    choices: int = 0
    # Ids of the newest exits, open or not; empty when the next may be placed.
    stop_id: str = ""
    target_id: str = ""
    # Exits in a row that ended without a reason of ours, and when the next may follow.
    failures: int = 0
    retry_at_ns: int = 0
    # The venue has refused the stop because the market has passed it: it is time to close.
    passed: bool = False

    @property
    def group(self) -> str:
        """Return the group that its exits share, if it has two."""
        if self.stop_price is None or self.take_profit_price is None:
            return ""
        return f"{self.key}.{self.choices}" if self.choices else self.key

    @property
    def entry_id(self) -> str:
        """Return the id of the entry that it protects."""
        return self.key.rpartition("-")[0]

    @property
    def is_new(self) -> bool:
        """Tell whether no exit has been placed for it."""
        return self.stop_id == "" and self.target_id == "" and self.failures == 0

    def price(self, role: Role) -> Decimal | None:
        """Return where the exit of a role is, if there is one."""
        return self.stop_price if role is Role.STOP else self.take_profit_price

    def order_id(self, role: Role) -> str:
        """Return the newest exit of a role."""
        return self.stop_id if role is Role.STOP else self.target_id

    def move(self, role: Role, price: Decimal | None) -> None:
        """Have the next exit of a role at another price; None: have none."""
        if role is Role.STOP:
            self.stop_price, self.passed = price, False
        else:
            self.take_profit_price = price
        self.failures = self.retry_at_ns = 0

    def give_up(self, role: Role) -> None:
        """Place no exit of a role any more."""
        self.move(role, None)

    def note(self, role: Role, client_order_id: str) -> None:
        """Remember the newest exit of a role."""
        if role is Role.STOP:
            self.stop_id = client_order_id
        else:
            self.target_id = client_order_id

    def forget(self, client_order_id: str) -> None:
        """Forget an exit that has ended, in whatever roles it was."""
        for role in Role:
            if self.order_id(role) == client_order_id:
                self.note(role, "")


def take_fill(turn: Turn, order: Order, execution: VenueExecution) -> None:
    """Take an execution that was just booked: of an exit, or of an entry to be protected."""
    plans = turn.state.exit_plans
    if order.exit_plan:
        plan = plans.get(order.exit_plan)
        if plan is not None:
            plan.left -= execution.quantity
            if not entry_of(order.client_order_id):
                plan.left = max(plan.left, ZERO)
            plan.failures = plan.retry_at_ns = 0
            _reduce_siblings(turn, plan, order, execution.quantity)
        return
    identity = order.client_order_id
    own = (plan for plan in plans.values() if plan.entry_id == identity)
    waiting = next((plan for plan in own if _takes_more(turn, plan)), None)
    plan = waiting or _plan(turn, order, len(order.execution_ids))
    if plan is None:
        return
    plan.left += execution.quantity
    if waiting is None:
        plan.caused_at_ns = execution.event_at_ns
        plans[plan.key] = plan


def first_plan(turn: Turn, order: Order) -> ExitPlan | None:
    """Return the plan of an entry's first fill, before it; None if nothing is to protect it."""
    return _plan(turn, order, 1)


def owed(turn: Turn, strategy: str, symbol: str, sign: int) -> Decimal:
    """Return what entries have provably filled and is not booked yet; see `ExitPlan.left`.

    ``sign`` is that of the position, ``strategy`` empty for the whole account.
    """
    return sum(
        (
            -plan.left * plan.sign * sign
            for plan in turn.state.exit_plans.values()
            if plan.left < 0 and plan.symbol == symbol and strategy in ("", plan.strategy)
        ),
        ZERO,
    )


def _takes_more(turn: Turn, plan: ExitPlan) -> bool:
    """Tell whether what its entry fills is added to a plan: exits cover it, or are to come."""
    covers = attached_exits_id(plan.entry_id)
    covered = covers in (plan.stop_id, plan.target_id) and covers in turn.state.orders
    return plan.is_new or covered


def _plan(turn: Turn, order: Order, number: int) -> ExitPlan | None:
    stop, target = _wanted(turn, order)
    if stop is None and target is None:
        return None
    specification = order.specification
    return ExitPlan(
        key=f"{order.client_order_id}-{number}",
        strategy=order.strategy,
        venue=specification.venue,
        symbol=specification.symbol,
        signal_key=order.signal_key,
        sign=order.sign,
        left=ZERO,
        stop_price=stop,
        take_profit_price=target,
    )


def take_refusal(turn: Turn, order: Order, code: str) -> None:
    """Take what the venue says of an exit that it refuses: a stop may have come too late."""
    plan = turn.state.exit_plans.get(order.exit_plan)
    if plan is not None and code == Code.TRIGGER_PASSED:
        plan.passed = True


def _reduce_siblings(turn: Turn, plan: ExitPlan, order: Order, quantity: Decimal) -> None:
    """Note what a venue that keeps choices itself takes off the siblings of what has filled."""
    group = order.specification.oco_group
    kind = turn.parameters.venue_kind_of(plan.symbol)
    if not group or ONE_CANCELS_OTHER[kind] is not Way.NATIVE:
        return
    plan.choice_filled += quantity
    for other in turn.state.orders.values():
        if other is not order and other.specification.oco_group == group:
            other.reduced_quantity += quantity


def _wanted(turn: Turn, order: Order) -> tuple[Decimal | None, Decimal | None]:
    """Return where the position of an entry is to be closed, as the session wants or wanted it."""
    if order.exits is not None:
        return order.exits.trigger_price, order.exits.limit_price
    wanted, specification = turn.parameters.protective_exits, order.specification
    if wanted == NONE or specification.reduce_only:
        return None, None
    target = specification.take_profit_price if wanted == BRACKET else None
    return specification.stop_price, target
