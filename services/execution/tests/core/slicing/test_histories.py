"""Random histories of sliced orders: slices never add up to more than what was approved.

Whatever fills in part, is refused, lost, repeated, late, cancelled or killed; every event is
handled by a restored machine too, which must do the same.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import (
    AlgorithmKind,
    CancelOrder,
    ExecutionAlgorithm,
    Fill,
    OrderRejected,
    OrderState,
    Side,
    SubmitOrder,
    TimeInForce,
)
from tidegate_contracts.risk import GateLatch, GateLevel
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.core.orders.order import Order
from tidegate_execution.core.parameters import VenueModel
from tidegate_execution.core.reasons import Code
from tidegate_execution.testing import DAY_0_NS, STRATEGY, bar, instrument, raised, verdict
from tidegate_kernel.machine import Body, Called, Event, Replied, TermStarted
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND

from ..chaos import OPEN, RECEIVE_WINDOW_NS, World

VENUES = ("unique", "window", "watched")
WATCHED = VenueModel(
    ids_unique_for_ever=False,
    not_found_conclusive_after_ns=RECEIVE_WINDOW_NS,
    watched_for_ns=3_600 * NS_PER_SECOND,
)


class SlicedWorld(World):
    """The chaotic world, where entries are sliced, bars come, and gate and people interfere."""

    def __init__(self, random: Random, *, venue: str, exits: str = "none") -> None:
        self.commands = 0
        self.refused = 0
        self.closings = 0
        native = venue == "unique"
        super().__init__(random, unique=native, native=native, protective_exits=exits)
        if venue == "watched":
            self._watch()
        self.always_arrives = native or venue == "watched"

    def _watch(self) -> None:
        """Begin anew at a venue that is told no times: what was lost may arrive whenever."""
        self.parameters = msgspec.structs.replace(self.parameters, venue_model=WATCHED)
        self.machine = ExecutionMachine.restore(self.parameters, None)
        self.requests.clear()
        self.timers.clear()
        for event in (TermStarted(1), instrument(), bar(0, (100, 101, 99, 100))):
            self.give(event)

    def give(self, event: Event) -> None:
        """Handle an event, then see that no order has more in its slices than it may."""
        super().give(event)
        state = self.machine._state
        by_parent: dict[str, list[Order]] = {}
        for order in (*state.orders.values(), *state.closed.values()):
            if order.parent:
                by_parent.setdefault(order.parent, []).append(order)
        for identity, slices in by_parent.items():
            parent = state.find(identity)
            assert parent is not None
            filled = sum((each.filled_quantity for each in slices), Decimal(0))
            opened = [each for each in slices if not each.ended]
            assert len(opened) <= 1, "one slice at a time"
            assert filled == parent.filled_quantity
            left = sum((each.remaining for each in opened), Decimal(0))
            assert filled + left <= parent.specification.quantity
            assert not (parent.ended and opened), "the slice ends first"

    def at_venue(self) -> dict[str, Decimal]:
        """Return by signal what the venue has filled of entries, or may still fill."""
        found: dict[str, Decimal] = {}
        for identity, every in self.venue.book.items():
            order = self.machine._state.find(identity)
            assert order is not None, "whatever is at the venue was written down before"
            for held in every if order.sign > 0 else ():
                most = held.specification.quantity if held.state in OPEN else held.filled
                found[order.signal_key] = found.get(order.signal_key, Decimal(0)) + most
        return found

    def step(self) -> None:
        """Let one random thing happen."""
        acts = [super().step] * 12 + [self.trade] * 6 + [self.answer, self.arrive, self.fill] * 8
        acts += [self.close] * 3
        acts += [self.use_gate] * (12 if self.shut else 1) + [self.by_hand]
        self.random.choice(acts)()
        assert all(most <= self.approved[key] for key, most in self.at_venue().items()), "I02"

    def new_verdict(self) -> None:
        """A strategy wants in by slices, wants out, or says it twice."""
        self.verdicts += self.random.random() < 0.8
        at_ns = DAY_0_NS + NS_PER_DAY + self.verdicts
        random = Random(self.verdicts)
        if random.random() < 0.15:
            closing = verdict(at_ns, quantity=Decimal(5), side=Side.SELL, reduce_only=True)
            self.give(msgspec.structs.replace(closing, gate_epoch=self.epoch))
            return
        order: dict[str, Any] = {"quantity": Decimal(random.randint(3, 20))}
        if self.protects:
            order |= {"stop_price": Decimal(90), "take_profit_price": Decimal(110)}
        kind = random.choice([AlgorithmKind.TWAP, AlgorithmKind.VWAP, AlgorithmKind.ICEBERG])
        if kind == AlgorithmKind.ICEBERG or random.random() < 0.4:
            order["limit_price"] = Decimal(100)
        order["algorithm"] = _algorithm(kind, random)
        if kind == AlgorithmKind.ICEBERG and random.random() < 0.3:
            force = {"time_in_force": TimeInForce.GTD}
            order |= {**force, "expires_at_ns": DAY_0_NS + 2 * NS_PER_DAY}
        made = verdict(at_ns, **order)
        self.approved[made.signal_key] = order["quantity"]
        self.give(msgspec.structs.replace(made, gate_epoch=self.epoch))

    def close(self) -> None:
        """A person closes a part of what is held in slices."""
        if self.machine._state.held(STRATEGY, "AAPL") <= 0:
            return
        self.closings += 1
        order: dict[str, Any] = {
            "quantity": Decimal(self.random.randint(1, 9)),
            "algorithm": _algorithm(AlgorithmKind.TWAP, self.random),
            "ordinal": self.closings,
        }
        closing = verdict(DAY_0_NS + NS_PER_DAY, side=Side.SELL, reduce_only=True, **order)
        self.give(msgspec.structs.replace(closing, gate_epoch=self.epoch, exact=True))

    def _ask(self, request: Body) -> Body:
        """The venue refuses some entries that it does not know yet."""
        if isinstance(request, SubmitOrder) and self.random.random() < 0.15:
            key = request.specification.client_order_id
            if key not in self.venue.book and key not in self._late_ids():
                self.refused += 1
                return OrderRejected(client_order_id=key, code="", reason="test")
        return super()._ask(request)

    def _late_ids(self) -> set[str]:
        return {request.specification.client_order_id for _, request in self.late}

    def trade(self) -> None:
        """The market trades a little."""
        self.now_ns += NS_PER_SECOND
        place = (self.now_ns - DAY_0_NS) // NS_PER_SECOND
        self.now_ns += NS_PER_SECOND
        volume = self.random.choice([3, 17, 60])
        self.give(bar(place, (100, 101, 99, 100), volume=volume, length_ns=NS_PER_SECOND))

    def by_hand(self) -> None:
        """A person cancels an order or a slice; exits are left alone."""
        opened = [each for each in self.machine._state.orders.values() if not each.exit_plan]
        if opened:
            self.commands += 1
            identity = self.random.choice(opened).client_order_id
            self.give(Called(f"hand-{self.commands}", CancelOrder(client_order_id=identity)))

    def settle(self) -> None:
        """Let every answer through for an hour, while the venue goes on filling."""
        self.let_all_arrive()
        for _ in range(150):
            while self.requests:
                _, request = self.requests.pop(0)
                self.give(Replied("venue", request, World._ask(self, request)))
            while self.arriving:
                self.give(self.arriving.pop(0))
            self.fill()
            self.trade()
            self.pass_time()


def _algorithm(kind: AlgorithmKind, random: Random) -> ExecutionAlgorithm:
    if kind == AlgorithmKind.ICEBERG:
        return ExecutionAlgorithm(kind=kind, display_quantity=Decimal(random.randint(1, 5)))
    duration_ns = random.choice([30, 120, 600]) * NS_PER_SECOND
    if kind == AlgorithmKind.TWAP:
        slices = random.randint(1, 6)
        return ExecutionAlgorithm(kind=kind, duration_ns=duration_ns, slices=slices)
    share = Decimal(random.choice(["0.05", "0.3", "1"]))
    return ExecutionAlgorithm(kind=kind, duration_ns=duration_ns, participation=share)


def world(seed: int, steps: int, venue: str, exits: str = "none") -> SlicedWorld:
    """Return a world after a random history."""
    made = SlicedWorld(Random(seed), venue=venue, exits=exits)
    for _ in range(steps):
        made.step()
    return made


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    venue=st.sampled_from(VENUES),
    exits=st.sampled_from(["none", "stop", "bracket"]),
    steps=st.integers(10, 250),
)
def test_slices_never_exceed_their_order_and_each_fill_is_booked_once(
    seed: int, venue: str, exits: str, steps: int
) -> None:
    """Open and filled together stay within the approval, at every moment; in the quiet all ends."""
    made = world(seed, steps, venue, exits)
    made.settle()
    state = made.machine._state
    assert all(most <= made.approved[key] for key, most in made.at_venue().items()), "I02"
    fills = [body for body in made.said if isinstance(body, Fill)]
    assert max(Counter(fill.execution_id for fill in fills).values(), default=1) == 1
    assert state.held(STRATEGY, "AAPL") == made.venue.position("AAPL"), "I11"
    assert not state.slicings, "what is sliced ends, for the venue has filled and time has passed"
    if venue != "watched":
        assert made.venue.held_least == 0, "what closes, in slices or not, never turns a position"
    latches = [body for body in made.said if isinstance(body, GateLatch)]
    assert all(str(Code.EXIT_FAILED) in each.reason for each in latches)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), venue=st.sampled_from(VENUES), steps=st.integers(10, 250))
def test_a_kill_leaves_neither_orders_nor_slices(seed: int, venue: str, steps: int) -> None:
    """After a raise to HALTED everything ends, and nothing is sent any more."""
    made = world(seed, steps, venue)
    made.epoch += 1
    made.give(raised(GateLevel.HALTED, epoch=made.epoch))
    while made.late:
        made.arrive_late()
    for _ in range(60):
        while made.requests:
            _, request = made.requests.pop(0)
            made.give(Replied("venue", request, World._ask(made, request)))
        while made.arriving:
            made.give(made.arriving.pop(0))
        made.pass_time()
    assert made.machine._state.orders == {}
    assert made.machine._state.slicings == {}
    assert all(held[-1].state not in OPEN for held in made.venue.book.values())


@pytest.mark.parametrize("venue", VENUES)
def test_histories_reach_what_they_are_about(venue: str) -> None:
    """Sometimes: orders end in every way, slices are renewed, refused, lost and unknown."""
    ends: set[tuple[OrderState, str]] = set()
    slices = unknown = closing = 0
    for seed in range(25):
        made = world(seed, 400, venue)
        made.settle()
        for order in made.machine._state.closed.values():
            slices += order.parent != ""
            closing += order.parent != "" and order.sign < 0 and order.filled_quantity > 0
            unknown += order.parent != "" and order.asked > 0
            if order.is_parent:
                ends.add((order.state, order.cancel_code))
    states = {state for state, _ in ends}
    assert {OrderState.FILLED, OrderState.CANCELLED, OrderState.EXPIRED} <= states
    assert {"GATE_CLOSED", "REPLACED_BY_CLOSE", "CANCELLED_BY_HAND"} <= {code for _, code in ends}
    assert slices > 80
    assert closing > 3
    assert unknown > 10
