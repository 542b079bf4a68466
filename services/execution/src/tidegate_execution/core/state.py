"""The whole state of the execution machine."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_contracts.execution import AdjustAccount, ApproveAdjustment, OrderCommandAnswer
from tidegate_contracts.market import OpenInterval
from tidegate_contracts.risk import GateAnswer
from tidegate_execution.core.exits.plan import ExitPlan
from tidegate_execution.core.orders.order import Order
from tidegate_execution.core.slicing.plan import Slicing
from tidegate_kernel.gate import GateView
from tidegate_kernel.money import to_decimal

NOBODY = ""
"""The owner of what no strategy's order has moved."""


class Asked(msgspec.Struct):
    """An adjustment that waits for another principal."""

    command: AdjustAccount
    expires_at_ns: int


class Adjustments(msgspec.Struct):
    """What people want to be booked so that the account agrees with the venue."""

    # By id; how many there were, which is also how many ids are taken.
    requests: dict[str, Asked] = {}
    count: int = 0
    # By call: commands that wait for a comparison of now.
    asking: dict[str, AdjustAccount] = {}
    approving: dict[str, ApproveAdjustment] = {}


class ReconciliationState(msgspec.Struct):
    """How far the account is known to agree with the venue."""

    started: bool = False
    reconciled: bool = False
    # A QueryAccount is under way, made when the change counter stood at `asked_n`.
    asking: bool = False
    asked_n: int = 0
    # Somebody wants another one as soon as this one is answered.
    again: bool = False
    timer_set: bool = False
    differed: int = 0
    problem: str = ""
    # What the venue held before our first fill; None until it was asked.
    opening: dict[str, Decimal] | None = None
    # What differs by the newest comparison, by symbol: what was expected, and found. None while it
    # says nothing for certain.
    differences: dict[str, tuple[Decimal, Decimal]] | None = None
    # The venue's cash before our first fill, what fills and entries have moved since, and what it
    # has now. None where cash is not what fills move.
    opening_cash: Decimal | None = None
    currency: str = ""
    cash_flow: Decimal = Decimal(0)
    cash_difference: Decimal | None = None
    # When the venue was asked last, and what it has booked by itself is known up to then; 0 before
    # the first answer. By id: why an entry could not be read.
    asked_at_ns: int = 0
    entries_until_ns: int = 0
    unread: dict[str, str] = {}
    # Calls that wait for the outcome.
    calls: list[str] = []
    # This shard's term, and whether a comparison has ended in it.
    term: int = 0
    compared: bool = False
    # What was said last, and under which term.
    said: bool = False
    said_term: int = 0


class Sweep(msgspec.Struct):
    """A kill being carried out: cancel until the venue shows nothing open."""

    running: bool = False
    # The venue has shown that nothing is open in the gated scopes.
    confirmed: bool = False
    # Open in the gated scopes when the venue was last asked, orders of others included.
    venue_open: int = 0
    # A flattening has bought back before it sells, and something has yet to be sold.
    held_back: bool = False


class Grid(msgspec.Struct, frozen=True, gc=False):
    """Which quantities a venue takes of an instrument."""

    lot_size: Decimal
    min_quantity: Decimal
    # In quote currency.
    min_notional: Decimal
    # The decimal places of the volume of its bars; None in state from before this was kept.
    size_scale: int | None = None


class ExecutionState(msgspec.Struct):
    """What the machine remembers between two events."""

    gate: GateView = msgspec.field(default_factory=GateView)
    # LOCKED was reached in this term: only a restart unlocks.
    locked_scopes: list[str] = []
    newest_term: int = 0
    # Not ended, oldest first; ended, oldest first, bounded.
    orders: dict[str, Order] = {}
    closed: dict[str, Order] = {}
    # By venue|symbol: ids of orders that execution holds, oldest first.
    held_orders: dict[str, list[str]] = {}
    # Protected fills that are not closed yet, oldest first.
    exit_plans: dict[str, ExitPlan] = {}
    # Orders that are carried out in slices, by id, oldest first.
    slicings: dict[str, Slicing] = {}
    # By signal: the newest leg, of signals with more than one order.
    legs: dict[str, int] = {}
    # By strategy|symbol: signals up to this time may belong to forgotten orders.
    forgotten_until_ns: dict[str, int] = {}
    # strategy -> symbol -> signed quantity: the sum of entries, and of fills less fees in kind.
    # Fees of one pair that took another pair's coin are nobody's: held under no strategy's name.
    holdings: dict[str, dict[str, Decimal]] = {}
    # By venue|symbol: last close, and the decimal places it is written in.
    prices: dict[str, int] = {}
    price_scales: dict[str, int] = {}
    # By venue|symbol: which quantities can be ordered.
    grids: dict[str, Grid] = {}
    # By venue|symbol: the regular sessions, of what names them.
    sessions: dict[str, tuple[OpenInterval, ...]] = {}
    # symbol -> venue of the last order.
    venues: dict[str, str] = {}
    sent_at_ns: list[int] = []
    reconciliation: ReconciliationState = msgspec.field(default_factory=ReconciliationState)
    sweep: Sweep = msgspec.field(default_factory=Sweep)
    gate_orders: int = 0
    # Ids of commands already answered, and of latches already latched.
    answered: dict[str, GateAnswer] = {}
    commanded: dict[str, OrderCommandAnswer] = {}
    latched: list[str] = []
    # Ids of the venue's entries that are booked, oldest first.
    entries: dict[str, None] = {}
    adjustments: Adjustments = msgspec.field(default_factory=Adjustments)
    # Counts changes of orders.
    changes: int = 0

    def find(self, client_order_id: str) -> Order | None:
        """Return an order that is remembered, open or ended."""
        if client_order_id in self.orders:
            return self.orders[client_order_id]
        return self.closed.get(client_order_id)

    def held(self, strategy: str, symbol: str) -> Decimal:
        """Return what a strategy holds, signed."""
        return self.holdings.get(strategy, {}).get(symbol, Decimal(0))

    def move(self, strategy: str, symbol: str, signed: Decimal) -> None:
        """Change what a strategy holds."""
        held = self.holdings.setdefault(strategy, {})
        after = held.get(symbol, Decimal(0)) + signed
        if after == 0:
            held.pop(symbol, None)
        else:
            held[symbol] = after

    def net_holding(self, symbol: str) -> Decimal:
        """Return what all strategies together hold, signed."""
        return sum((held.get(symbol, Decimal(0)) for held in self.holdings.values()), Decimal(0))

    def price_of(self, listing: str) -> Decimal | None:
        """Return the last close of a venue|symbol; None before the first."""
        if listing in self.prices and listing in self.price_scales:
            return to_decimal(self.prices[listing], self.price_scales[listing])
        return None
