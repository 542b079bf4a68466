"""Random histories of protected entries: exits never exceed what is held and end each other."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import CancelOrder, Fill, OrderType, ReplaceOrder, Side
from tidegate_contracts.risk import GateLatch
from tidegate_execution.core.orders.attached import entry_of
from tidegate_execution.core.orders.choices import is_choice
from tidegate_execution.core.orders.order import Order
from tidegate_execution.core.reasons import Code
from tidegate_execution.testing import DAY_0_NS, STRATEGY, bar
from tidegate_kernel.machine import Body, Called, Event, Replied
from tidegate_kernel.time import NS_PER_SECOND

from ..chaos import World

KINDS = ("stop", "bracket")
PLACES: dict[str, dict[str, object]] = {
    "paper": {"unique": True, "native": True},
    "alpaca": {"unique": True, "native": False, "venue": "alpaca"},
    "together": {
        "unique": True,
        "native": False,
        "venue": "alpaca",
        "native_entries": "market",
    },
    "spot": {"unique": False, "native": False, "venue": "ccxt"},
    "contracts": {"unique": False, "native": False, "venue": "ccxt", "spot": False},
}
"""What can be done at each kind of venue. None but paper ends siblings by itself; of Alpaca's
equities a stop and a target are one order, and may be sent together with their entry."""


class ProtectedWorld(World):
    """The chaotic world, where entries are protected, bars come and the gate is used."""

    def __init__(self, random: Random, *, kind: str, place: str) -> None:
        super().__init__(random, protective_exits=kind, **PLACES[place])  # type: ignore[arg-type]
        self.commands = 0
        self.gave_up = False

    def give(self, event: Event) -> None:
        """Handle an event, then see that no exit is more than what is held."""
        super().give(event)
        exits = [each for each in self.machine._state.orders.values() if each.exit_plan]
        wanted = [each for each in exits if not each.cancel_code]
        # A sale may be told before the purchase that it closes.
        held = max(self.machine._state.held(STRATEGY, "AAPL") + self._unheard(), Decimal(0))
        for stops in (True, False):
            of_role = [each for each in wanted if _has_role(each, stops=stops)]
            assert sum(self._may_close(each) for each in of_role) <= held
        most = Counter(
            (each.exit_plan, stops)
            for each in exits
            for stops in (True, False)
            if _has_role(each, stops=stops)
        )
        assert max(most.values(), default=0) <= 1, "one exit of a role at a time"
        rests: dict[str, set[str]] = {}
        for each in exits:
            if not each.held:
                choice = each.specification.oco_group if self.venue.native else ""
                rests.setdefault(each.exit_plan, set()).add(choice or each.client_order_id)
        assert all(len(choices) == 1 for choices in rests.values()), "one way out at a time"

    def _entry_of(self, order: Order) -> Order | None:
        return self.machine._state.find(entry_of(order.client_order_id))

    def _unheard(self) -> Decimal:
        """Return what entries have filled that are not heard to: their exits have."""
        state = self.machine._state
        exits = [
            each for each in (*state.orders.values(), *state.closed.values()) if each.exit_plan
        ]
        entries = [self._entry_of(each) for each in exits if each.filled_quantity > 0]
        return sum((each.remaining for each in entries if each is not None), Decimal(0))

    def _may_close(self, order: Order) -> Decimal:
        """Return what exits may fill: nothing that their entry has not."""
        entry = self._entry_of(order)
        if entry is None or order.filled_quantity > 0 or entry.ended:
            return order.remaining
        return min(order.remaining, entry.filled_quantity)

    def step(self) -> None:
        """Let one random thing happen."""
        acts = [super().step] * 24 + [self.trade] * 5 + [self.use_gate] + [self.by_hand] * 2
        self.random.choice(acts)()

    def by_hand(self) -> None:
        """A person cancels or replaces an order; an exit is moved or given up."""
        opened = list(self.machine._state.orders.values())
        if not opened:
            return
        order = self.random.choice(opened)
        self.commands += 1
        names: dict[str, object] = {"session": "demo", "client_order_id": order.client_order_id}
        command: Body = CancelOrder(**names)  # type: ignore[arg-type]
        if order.exit_plan and self.random.random() < 0.6:
            stops = _has_role(order, stops=True)
            stops = stops and (self.random.random() < 0.5 or not _has_role(order, stops=False))
            price = Decimal(self.random.choice([89, 91] if stops else [109, 111]))
            term = "trigger_price" if stops else "limit_price"
            command = ReplaceOrder(**names, **{term: price})  # type: ignore[arg-type]
        elif order.exit_plan:
            self.gave_up = True
        elif self.random.random() < 0.7:
            less = max(order.remaining - 1, Decimal(1))
            command = ReplaceOrder(**names, quantity=less)  # type: ignore[arg-type]
        self.give(Called(f"hand-{self.commands}", command))

    def trade(self) -> None:
        """The market trades somewhere between 88 and 112."""
        self.now_ns += NS_PER_SECOND
        place = (self.now_ns - DAY_0_NS) // NS_PER_SECOND
        low, high = self.random.choice([(99, 101), (99, 101), (88, 101), (99, 112)])
        self.now_ns += NS_PER_SECOND
        self.give(bar(place, (100, high, low, 100), length_ns=NS_PER_SECOND))

    def settle(self) -> None:
        """Open the gate, and let every answer through until nothing is under way."""
        self.let_all_arrive()
        for _ in range(60):
            while self.requests:
                _, request = self.requests.pop(0)
                self.give(Replied("venue", request, self._ask(request)))
            self.venue.fill_entries_with_exits(self.now_ns)
            self.arriving.clear()
            self.pass_time()


def _has_role(order: Order, *, stops: bool) -> bool:
    """Tell whether an exit is a stop, or a target; a choice is both."""
    is_stop = order.specification.order_type == OrderType.STOP
    return is_choice(order.specification) or is_stop is stops


def world(seed: int, steps: int, *, kind: str, place: str) -> ProtectedWorld:
    """Return a world after a random history."""
    made = ProtectedWorld(Random(seed), kind=kind, place=place)
    for _ in range(steps):
        made.step()
    return made


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(KINDS),
    place=st.sampled_from(sorted(PLACES)),
    steps=st.integers(10, 120),
)
def test_what_is_held_is_protected_once_all_is_known(
    seed: int, kind: str, place: str, steps: int
) -> None:
    """In the quiet each role covers exactly what is held, whatever was lost or repeated before."""
    made = world(seed, steps, kind=kind, place=place)
    made.settle()
    state = made.machine._state
    held = state.held(STRATEGY, "AAPL")
    assert held == made.venue.position("AAPL"), "I11: the books agree with the venue"
    exits = [each for each in state.orders.values() if each.exit_plan]
    if all(plan.failures == 0 for plan in state.exit_plans.values()):
        closing = [
            each
            for each in state.orders.values()
            if each.specification.reduce_only and not each.exit_plan
        ]
        # An order that was given up may land late and fill beside the one that closes.
        protected = max(held - sum(each.remaining for each in closing), Decimal(0))
        stopped = sum(each.remaining for each in exits if _has_role(each, stops=True))
        assert stopped == protected or (made.gave_up and stopped <= protected)
    latches = [body for body in made.said if isinstance(body, GateLatch)]
    assert all(str(Code.EXIT_FAILED) in each.reason for each in latches)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(KINDS),
    place=st.sampled_from(sorted(PLACES)),
    steps=st.integers(10, 120),
)
def test_exits_never_turn_a_position_nor_are_sent_twice(
    seed: int, kind: str, place: str, steps: int
) -> None:
    """The venue never holds less than nothing, and has one order under every id."""
    made = world(seed, steps, kind=kind, place=place)
    made.settle()
    assert made.venue.held_least == Decimal(0)
    assert all(len(held) == 1 for held in made.venue.book.values())
    fills = [body for body in made.said if isinstance(body, Fill)]
    bought: dict[str, Decimal] = {}
    for fill in fills:
        if fill.side == Side.BUY:
            bought[fill.signal_key] = bought.get(fill.signal_key, Decimal(0)) + fill.quantity
    assert all(quantity <= made.approved[key] for key, quantity in bought.items()), "I02"
    assert max(Counter(fill.execution_id for fill in fills).values(), default=1) == 1


@pytest.mark.parametrize("place", sorted(PLACES))
def test_histories_reach_what_they_are_about(place: str) -> None:
    """Sometimes: exits fill, are resized, and end each other; held stops are let go."""
    filled = 0
    reached: set[str] = set()
    by_hand: set[str] = set()
    for seed in range(15):
        made = world(seed, 200, kind="bracket", place=place)
        legs = [body for body in made.said if isinstance(body, Fill) and body.leg > 0]
        filled += len(legs)
        ended = made.machine._state.closed.values()
        reached |= {str(each.cancel_code) for each in ended if each.exit_plan}
        by_hand |= {str(each.cancel_code) for each in ended if not each.exit_plan}
    assert filled > 10
    # A venue that keeps choices itself ends siblings without being asked.
    asked = set() if place in ("paper", "alpaca", "together") else {"EXIT_NOT_NEEDED"}
    assert {"GATE_CLOSED", "REPLACED_BY_CLOSE"} | asked <= reached
    # An entry that is sent with its exits is not replaced.
    replaced = set() if place == "together" else {"REPLACED_BY_HAND"}
    assert {"CANCELLED_BY_HAND"} | replaced <= by_hand
