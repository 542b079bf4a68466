"""What the machine remembers of one order."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_contracts.execution import OrderSpecification, OrderState, Side
from tidegate_execution.core.orders.lifecycle import ENDED_STATES, OrderInput
from tidegate_kernel.gate import Activity, Coverage
from tidegate_kernel.money import ZERO


class Occasion(msgspec.Struct, frozen=True, gc=False):
    """When something happened to an order, and why if something went wrong."""

    at_ns: int
    code: str = ""
    reason: str = ""


class Ending(msgspec.Struct, frozen=True, gc=False):
    """The venue says that an order has ended; it counts once all its executions are known."""

    event: OrderInput
    occasion: Occasion
    filled_quantity: Decimal


class Warrant(msgspec.Struct, frozen=True, gc=False):
    """What allows an order to be sent: asked again before every send."""

    term: int = 0
    gate_epoch: int = 0
    # Session time; 0 = does not expire.
    expires_at_ns: int = 0


class Order(msgspec.Struct):
    """One order, from its verdict to its end."""

    strategy: str
    signal_key: str
    leg: int
    specification: OrderSpecification
    decided_at_ns: int
    warrant: Warrant = Warrant()
    # A protective exit: the plan that it belongs to (`exits.plan`).
    exit_plan: str = ""
    # An entry that is sent with its exits (`exits.attached`), and whether these are written down.
    exits: OrderSpecification | None = None
    exits_begun: bool = False
    # The order that this one replaces: it is sent when that has ended (`replacing`).
    replaces: str = ""
    # A slice: the order that it is a part of (`slicing`).
    parent: str = ""
    # Of an order that only reduces: at most its quantity, beside the strategy's open entries.
    exact: bool = False
    # Execution waits for its trigger and then sends it as a market or limit order (`held`).
    emulated: bool = False
    held_since_ns: int = 0
    triggered: bool = False
    # Of a trailing stop that is held: the best price so far.
    best_price: Decimal | None = None
    # The gate's own order: it closes what its strategy holds in a flattened scope.
    flattens: bool = False
    state: OrderState = OrderState.PENDING
    venue_order_id: str = ""
    filled_quantity: Decimal = ZERO
    # What the venue says was filled; more than `filled_quantity` while executions are missing.
    reported_quantity: Decimal = ZERO
    # What its venue took off it because a sibling has filled.
    reduced_quantity: Decimal = ZERO
    execution_ids: list[str] = []
    # Of an order with legs, by symbol: what is booked, and what the venue counts (`orders.legs`).
    legs_filled: dict[str, Decimal] = {}
    legs_reported: dict[str, Decimal] = {}
    # Requests that may have left.
    sends: int = 0
    last_sent_at_ns: int = 0
    # A query is under way; how many were asked without a proof.
    asking: bool = False
    asked: int = 0
    # The venue did not know it when it was asked about.
    missed: bool = False
    # Not empty: cancel it, and why.
    cancel_code: str = ""
    cancel_reason: str = ""
    cancels: int = 0
    ending: Ending | None = None
    # A reduce-only order that waits for these orders to end.
    waits_for: list[str] = []
    # The last close that was known when it was written down.
    arrival_price: Decimal | None = None
    # Value of the state's change counter when this order changed last.
    changed_n: int = 0

    @property
    def client_order_id(self) -> str:
        """The id under which the venue knows the order."""
        return self.specification.client_order_id

    @property
    def ended(self) -> bool:
        """Tell whether the order will never change again."""
        return self.state in ENDED_STATES

    @property
    def held(self) -> bool:
        """Tell whether execution still holds the order: no venue knows of it."""
        return self.emulated and self.state == OrderState.WORKING and self.sends == 0

    @property
    def is_parent(self) -> bool:
        """Tell whether the order is carried out in slices: no venue ever knows of it."""
        return self.specification.algorithm is not None

    @property
    def remaining(self) -> Decimal:
        """The quantity that may still fill."""
        taken = self.filled_quantity + self.reduced_quantity
        return max(self.specification.quantity - taken, ZERO)

    @property
    def sign(self) -> int:
        """Return +1 for a buy, -1 for a sell."""
        return 1 if self.specification.side == Side.BUY else -1

    @property
    def activity(self) -> Activity:
        """What the gate sees in the order."""
        if self.flattens:
            return Activity.FLATTEN
        return Activity.REDUCE if self.specification.reduce_only else Activity.INCREASE

    def coverage(self, session: str, account: str) -> Coverage:
        """Return where the order belongs."""
        wanted = self.specification
        legs = tuple(leg.symbol for leg in wanted.legs)
        return Coverage(session, account, wanted.venue, self.strategy, wanted.symbol, legs)
