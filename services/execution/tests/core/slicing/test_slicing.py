"""Each algorithm at the paper venue: what leaves when, what becomes of it, and what ends it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tidegate_contracts.execution import (
    AlgorithmKind,
    CancelOrder,
    ExecutionAlgorithm,
    OrderCommandAnswer,
    OrderEvent,
    OrderState,
    OrderType,
    ReplaceOrder,
    Side,
    TimeInForce,
)
from tidegate_contracts.market import OpenInterval
from tidegate_contracts.risk import GateLevel
from tidegate_execution.core.parameters import HardCaps, RateBudget
from tidegate_execution.testing import (
    DAY_0_NS,
    STRATEGY,
    SessionRig,
    bar,
    execution_parameters,
    instrument,
    lowered,
    raised,
    venue_parameters,
    verdict,
)
from tidegate_kernel.machine import Called
from tidegate_kernel.time import NS_PER_SECOND

MINUTE_NS = 60 * NS_PER_SECOND
TWAP = ExecutionAlgorithm(kind=AlgorithmKind.TWAP, duration_ns=4 * MINUTE_NS, slices=4)
VWAP = ExecutionAlgorithm(
    kind=AlgorithmKind.VWAP, duration_ns=10 * MINUTE_NS, participation=Decimal("0.1")
)
ICEBERG = ExecutionAlgorithm(kind=AlgorithmKind.ICEBERG, display_quantity=Decimal(4))
QUIET = (100, 101, 99, 100)


class Minutes:
    """A session of minutes, in which bars come as the test says."""

    def __init__(self, *, restart_often: bool = False, **changes: Any) -> None:  # noqa: ANN401
        self.rig = SessionRig(
            execution_parameters(**changes), venue_parameters(), restart_often=restart_often
        )
        self.rig.instant(DAY_0_NS, [instrument()])
        self.minute = 0
        self.bar()

    @property
    def now_ns(self) -> int:
        """The end of the last bar."""
        return DAY_0_NS + self.minute * MINUTE_NS

    def bar(self, ohlc: tuple[int, int, int, int] = QUIET, volume: int = 1_000_000) -> None:
        """Let one more minute end."""
        made = bar(self.minute, ohlc, volume=volume, length_ns=MINUTE_NS)
        self.minute += 1
        self.rig.instant(self.now_ns, [made])

    def place(self, algorithm: ExecutionAlgorithm, **order: Any) -> str:  # noqa: ANN401
        """Approve an order to be sliced; return its id."""
        made = verdict(self.now_ns, algorithm=algorithm, **order)
        self.rig.instant(self.now_ns, [made])
        assert made.specification is not None
        return made.specification.client_order_id

    def slices(self) -> list[OrderEvent]:
        """Return the last event of every slice that was written down."""
        last = {e.leg: e for e in self.rig.order_events if e.leg > 0}
        return list(last.values())

    def parent(self) -> OrderEvent:
        """Return the last event of the sliced order."""
        return [each for each in self.rig.order_events if each.leg == 0][-1]

    def quantities(self) -> list[int]:
        """Return how large each slice was."""
        return [int(each.specification.quantity) for each in self.slices()]


def by_hand(world: Minutes, command: CancelOrder | ReplaceOrder) -> OrderCommandAnswer:
    """Return what a person's command is answered."""
    world.rig.instant(world.now_ns, [Called("hand", command)])
    answer = world.rig.answers["hand"]
    assert isinstance(answer, OrderCommandAnswer)
    return answer


@pytest.mark.parametrize("restart_often", [False, True])
def test_twap_sends_equal_slices_in_whole_lots_at_equal_times(*, restart_often: bool) -> None:
    """Ten in four slices: two or three at the start of each minute, filled at the next open."""
    world = Minutes(restart_often=restart_often)
    world.place(TWAP)
    for _ in range(5):
        world.bar()
    assert world.quantities() == [2, 3, 2, 3]
    assert [each.decided_at_ns - DAY_0_NS for each in world.slices()] == [
        minute * MINUTE_NS for minute in (1, 2, 3, 4)
    ]
    assert world.parent().state == OrderState.FILLED
    assert sum(fill.quantity for fill in world.rig.fills) == Decimal(10)
    assert len({fill.signal_key for fill in world.rig.fills}) == 1
    assert world.parent().sends == 0, "the order itself is never sent"
    assert not world.rig.execution._state.slicings


def test_twap_at_a_limit_carries_on_what_a_slice_has_not_filled() -> None:
    """A slice that rests unfilled makes way for one with what is due by then."""
    world = Minutes()
    world.place(TWAP, limit_price=Decimal(95))
    world.bar()
    world.bar()
    assert world.quantities() == [2, 5, 7]
    world.bar((100, 101, 90, 91))
    assert world.quantities() == [2, 5, 7, 3], "seven have filled, the last three are due"
    world.bar((100, 101, 96, 100))
    assert world.parent().state == OrderState.EXPIRED
    assert world.parent().reason_code == "ALGORITHM_OVER"
    assert world.parent().filled_quantity == Decimal(7)
    assert world.slices()[-1].state == OrderState.CANCELLED


def test_vwap_takes_its_share_of_each_bar_that_begins_after_it() -> None:
    """A tenth of 35, 20 and 60 units: three, two more, and what is left of ten."""
    world = Minutes()
    world.place(VWAP)
    assert world.quantities() == [], "nothing has traded yet"
    for volume in (35, 20, 60, 60):
        world.bar(volume=volume)
    assert world.quantities() == [3, 2, 5]
    world.bar()
    assert world.parent().state == OrderState.FILLED


def test_vwap_ends_when_its_time_is_over() -> None:
    """What the market did not trade is not ordered."""
    world = Minutes()
    world.place(VWAP)
    for _ in range(10):
        world.bar(volume=5)
    assert sum(world.quantities()) <= 5
    assert world.parent().state == OrderState.EXPIRED
    assert world.parent().reason_code == "ALGORITHM_OVER"


def forget_the_unit(world: Minutes) -> None:
    """Go on from a state that was kept before the unit of volumes was."""
    state = msgspec.msgpack.decode(world.rig.execution.snapshot())
    for grid in state["grids"].values():
        del grid["size_scale"]
    machine = type(world.rig.execution)
    world.rig.execution = machine.restore(world.rig.parameters, msgspec.msgpack.encode(state))


def test_vwap_without_the_unit_of_volumes_is_refused_until_it_is_told() -> None:
    """After an upgrade a shard may know an instrument from before; its description mends that."""
    world = Minutes()
    forget_the_unit(world)
    world.place(VWAP)
    assert world.parent().state == OrderState.REJECTED
    assert world.parent().reason_code == "VOLUME_UNKNOWN"
    world.rig.instant(world.now_ns, [instrument()])
    world.bar()
    world.place(VWAP)
    world.bar(volume=60)
    assert world.quantities() == [6]


def test_vwap_that_loses_the_unit_of_volumes_ends_and_says_so() -> None:
    """What its slices have filled stays; what is left is not ordered, and not waited for."""
    world = Minutes()
    world.place(VWAP)
    world.bar(volume=35)
    world.bar(volume=0)
    forget_the_unit(world)
    world.bar(volume=35)
    assert world.parent().reason_code == "VOLUME_UNKNOWN"
    assert world.parent().state == OrderState.REJECTED
    assert world.parent().filled_quantity == Decimal(3)
    assert not world.rig.execution._state.slicings


def test_iceberg_shows_one_part_after_the_other() -> None:
    """Ten at four a time: the next is open when the last has filled."""
    world = Minutes()
    world.place(ICEBERG, limit_price=Decimal(95))
    assert world.quantities() == [4]
    for _ in range(3):
        world.bar((100, 101, 90, 91))
    assert world.quantities() == [4, 4, 2]
    assert {each.specification.limit_price for each in world.slices()} == {Decimal(95)}
    world.bar((100, 101, 90, 91))
    assert world.parent().state == OrderState.FILLED


def test_iceberg_ends_at_its_date() -> None:
    """Its slices carry no date: execution ends the slice, then the order."""
    world = Minutes()
    until_ns = world.now_ns + 2 * MINUTE_NS
    terms = {"time_in_force": TimeInForce.GTD, "expires_at_ns": until_ns}
    world.place(ICEBERG, limit_price=Decimal(95), **terms)
    world.bar()
    world.bar()
    ended = [event for event in world.rig.order_events if event.state == OrderState.CANCELLED]
    assert [event.leg for event in ended] == [1, 0], "the slice first, then the order"
    assert world.parent().reason_code == "DATE_OVER"


@pytest.mark.parametrize("of_slice", [False, True])
def test_who_cancels_a_slice_or_the_order_ends_both(*, of_slice: bool) -> None:
    """The slice ends first, then the order; nothing is sent any more."""
    world = Minutes()
    identity = world.place(ICEBERG, limit_price=Decimal(95))
    if of_slice:
        identity = world.slices()[0].specification.client_order_id
    answer = by_hand(world, CancelOrder(client_order_id=identity, principal="ann", reason="enough"))
    assert answer.accepted
    ended = [event for event in world.rig.order_events if event.state == OrderState.CANCELLED]
    assert [(event.leg, event.reason_code) for event in ended] == [
        (1, "CANCELLED_BY_HAND"),
        (0, "CANCELLED_BY_HAND"),
    ]
    world.bar((100, 101, 90, 91))
    assert world.quantities() == [4]


def test_neither_order_nor_slice_is_replaced() -> None:
    """An order in slices is cancelled and placed anew."""
    world = Minutes()
    parent = world.place(ICEBERG, limit_price=Decimal(95))
    for identity in (parent, world.slices()[0].specification.client_order_id):
        command = ReplaceOrder(client_order_id=identity, quantity=Decimal(1))
        world.rig.answers.clear()
        world.rig.instant(world.now_ns, [Called(identity, command)])
        answer = world.rig.answers[identity]
        assert isinstance(answer, OrderCommandAnswer)
        assert answer.code == "ORDER_SLICED"


@pytest.mark.parametrize("level", [GateLevel.REDUCE_ONLY, GateLevel.HALTED])
def test_a_raised_gate_ends_slice_and_order(level: GateLevel) -> None:
    """Lowering it brings nothing back."""
    world = Minutes()
    world.place(ICEBERG, limit_price=Decimal(95))
    world.rig.instant(world.now_ns, [raised(level)])
    assert world.parent().state == OrderState.CANCELLED
    assert world.parent().reason_code == "GATE_CLOSED"
    assert world.rig.execution.confirmation().confirmed
    world.rig.instant(world.now_ns, [lowered(GateLevel.OPEN)])
    world.bar((100, 101, 90, 91))
    assert world.quantities() == [4]
    assert world.rig.fills == []


def test_a_closing_verdict_ends_the_order_and_closes_what_its_slices_filled() -> None:
    """Two of ten were bought: two are sold, and no third slice leaves."""
    world = Minutes()
    world.place(TWAP)
    world.bar()
    closing = verdict(world.now_ns, ordinal=9, side=Side.SELL, reduce_only=True)
    world.rig.instant(world.now_ns, [closing])
    for _ in range(4):
        world.bar()
    bought = sum(f.quantity for f in world.rig.fills if f.side == Side.BUY)
    sold = sum(f.quantity for f in world.rig.fills if f.side == Side.SELL)
    assert bought == sold
    assert bought < Decimal(10)
    assert not world.rig.execution._state.orders


def test_protective_exits_follow_the_fills_of_slices_as_of_one_entry() -> None:
    """Stops cover all that was bought, under later legs of the same signal."""
    world = Minutes(protective_exits="stop")
    parent = world.place(TWAP, stop_price=Decimal(90))
    for _ in range(5):
        world.bar()
    state = world.rig.execution._state
    exits = [order for order in state.orders.values() if order.exit_plan]
    assert sum(each.remaining for each in exits) == Decimal(10)
    assert {each.specification.order_type for each in exits} == {OrderType.STOP}
    assert {plan.entry_id for plan in state.exit_plans.values()} == {parent}
    world.bar((100, 101, 80, 85))
    assert world.rig.execution._state.held(STRATEGY, "AAPL") == 0


def test_a_closing_order_is_sliced_too_and_never_turns_the_position() -> None:
    """Ten are held; a TWAP sells them over four minutes, and no more."""
    world = Minutes()
    world.rig.instant(world.now_ns, [verdict(world.now_ns)])
    world.bar()
    made = verdict(world.now_ns, ordinal=5, side=Side.SELL, reduce_only=True, algorithm=TWAP)
    world.rig.instant(world.now_ns, [msgspec.structs.replace(made, exact=True)])
    for _ in range(5):
        world.bar()
    assert world.quantities() == [2, 3, 2, 3]
    assert world.rig.execution._state.held(STRATEGY, "AAPL") == 0
    assert world.parent().state == OrderState.FILLED


def test_slices_obey_the_rate_budget_and_wait_for_it() -> None:
    """One order a minute is allowed: the iceberg's next part waits until then."""
    world = Minutes(rate=RateBudget(1, 2 * MINUTE_NS))
    world.place(ICEBERG, limit_price=Decimal(95))
    world.bar((100, 101, 90, 91))
    assert world.quantities() == [4]
    world.bar((100, 101, 96, 100))
    world.bar((100, 101, 96, 100))
    assert world.quantities() == [4, 4]


def test_a_slice_beyond_the_cap_ends_the_order() -> None:
    """The price has risen: what is left would be worth more than execution's own cap."""
    world = Minutes(caps=HardCaps(Decimal(1_000), Decimal(1_000)))
    world.place(TWAP)
    world.bar((100, 600, 100, 600))
    assert world.parent().state == OrderState.REJECTED
    assert world.parent().reason_code == "CAP_ORDER_NOTIONAL"


def test_bars_are_passed_over_unless_a_vwap_waits_for_them() -> None:
    """An idle bar, and one beside a TWAP or an iceberg, changes nothing but the price."""
    world = Minutes()
    world.place(TWAP)
    before = world.rig.execution.snapshot()
    made = bar(world.minute, QUIET, length_ns=MINUTE_NS)
    assert world.rig.execution.handle(made, world.now_ns) == []
    assert world.rig.execution.snapshot() == before


def test_slices_work_in_the_hours_of_their_order() -> None:
    """What asked for extended hours asks in each slice."""
    rig = SessionRig()
    always = (OpenInterval(opens_at_ns=0, closes_at_ns=DAY_0_NS * 2),)
    rig.instant(DAY_0_NS, [instrument(extended_intervals=always), bar(0, QUIET)])
    order: dict[str, Any] = {
        "limit_price": Decimal(90),
        "algorithm": ICEBERG,
        "extended_hours": True,
    }
    rig.instant(DAY_0_NS, [verdict(DAY_0_NS, **order)])
    [(quantity, extended)] = [
        (each.resting.specification.quantity, each.resting.specification.extended_hours)
        for each in rig.venue.book.orders.values()
    ]
    assert (quantity, extended) == (Decimal(4), True)
