"""A stop and a target as one order: where, of what, and what becomes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_contracts.execution import (
    CancelOrder,
    OrderAccepted,
    OrderRejected,
    OrderSpecification,
    OrderType,
    ReplaceOrder,
    Side,
    SubmitOrder,
    VenueExecution,
    VenueReport,
    VenueReportKind,
)
from tidegate_execution.core.capabilities import AS_ONE_ORDER, PROTECTIVE_PAIR, VenueKind, Way
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.core.order_form import faults_of
from tidegate_execution.core.reasons import Code
from tidegate_execution.testing import (
    DAY_0_NS,
    VENUE,
    bar,
    execution_parameters,
    instrument,
    requested,
    verdict,
)
from tidegate_kernel.machine import Called, Event, Replied, TermStarted, TimerFired
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND

NOW_NS = DAY_0_NS + 2 * NS_PER_DAY
ENTERED: dict[str, Any] = {"stop_price": Decimal(90), "take_profit_price": Decimal(110)}
BY_HAND: dict[str, Any] = {"session": "demo", "principal": "ada", "reason": "test"}
Exit = tuple[OrderType, Decimal | None, Decimal | None, Decimal]


class Alpaca:
    """A session at Alpaca whose venue is played by hand: an entry of 10 is filled as it is told."""

    def __init__(self, **entered: object) -> None:
        parameters = execution_parameters(venue="alpaca", protective_exits="bracket")
        self.machine = ExecutionMachine.restore(parameters, None)
        self.sent: list[SubmitOrder] = []
        self.cancelled: list[str] = []
        self.executions = 0
        self.now_ns = NOW_NS
        for event in (
            TermStarted(1),
            instrument(lot_size=Decimal("0.5"), min_quantity=Decimal("0.5")),
            bar(0, (100, 101, 99, 100)),
        ):
            self.give(event)
        self.give(verdict(NOW_NS, **{**ENTERED, **entered}))
        self.entry = self.sent.pop().specification

    def give(self, event: Event) -> None:
        """Handle an event, in a machine that is restored before it; note what is asked for."""
        snapshot = self.machine.snapshot()
        self.machine = ExecutionMachine.restore(self.machine.parameters, snapshot)
        effects = self.machine.handle(event, self.now_ns)
        self.cancelled += [each.client_order_id for each in requested(effects, CancelOrder)]  # type: ignore[attr-defined]
        self.sent += requested(effects, SubmitOrder)  # type: ignore[arg-type]

    def fill(self, order: OrderSpecification, quantity: str) -> None:
        """Let the venue tell an execution."""
        self.executions += 1
        self._report(order, VenueReportKind.FILLED, quantity)

    def ended(self, order: OrderSpecification) -> None:
        """Let the venue tell that an order is cancelled."""
        self._report(order, VenueReportKind.CANCELLED, "")

    def _report(self, order: OrderSpecification, kind: VenueReportKind, quantity: str) -> None:
        execution = VenueExecution(
            execution_id=f"x{self.executions}",
            quantity=Decimal(quantity or 0),
            price=Decimal(100),
            event_at_ns=self.now_ns,
        )
        report = VenueReport(
            session="demo",
            client_order_id=order.client_order_id,
            venue=VENUE,
            symbol="AAPL",
            kind=kind,
            execution=execution if quantity else None,
            event_at_ns=self.now_ns,
        )
        self.give(report)

    def answer(self, *, refused: bool = False, code: str = "NO") -> OrderSpecification:
        """Answer the newest request, and return what it was for."""
        request = self.sent[-1]
        identity = request.specification.client_order_id
        taken = OrderAccepted(client_order_id=identity, venue_order_id="v")
        no = OrderRejected(client_order_id=identity, code=code, event_at_ns=self.now_ns)
        self.give(Replied("venue", request, no if refused else taken))
        return request.specification

    def later(self) -> None:
        """Let the exits' timer fire."""
        self.now_ns += 60 * NS_PER_SECOND
        self.give(TimerFired("exits", self.now_ns))

    def open_exits(self) -> list[Exit]:
        """Return the open exits: type, limit, trigger and what is left."""
        opened = [each for each in self.machine._state.orders.values() if each.exit_plan]
        return [
            (s.order_type, s.limit_price, s.trigger_price, each.remaining)
            for each in opened
            for s in (each.specification,)
        ]


def pair(quantity: int, limit: int = 110, trigger: int = 90) -> list[Exit]:
    """Return a stop and a target in one order."""
    return [(OrderType.LIMIT, Decimal(limit), Decimal(trigger), Decimal(quantity))]


def apart(quantity: str) -> list[Exit]:
    """Return a stop and a target in two."""
    left = Decimal(quantity)
    return [
        (OrderType.STOP, None, Decimal(90), left),
        (OrderType.LIMIT, Decimal(110), None, left),
    ]


def protected(**entered: object) -> Alpaca:
    """Return a session that holds 10 between a stop and a target that work."""
    made = Alpaca(**entered)
    made.fill(made.entry, "10")
    made.answer()
    return made


def test_both_are_one_request() -> None:
    """Reduce-only, until cancelled, of no group: nothing else may join them."""
    made = protected()
    assert made.open_exits() == pair(10)
    (sent,) = [each.specification for each in made.sent]
    assert (sent.side, sent.reduce_only, sent.oco_group) == (Side.SELL, True, "")


def test_a_short_position_is_left_the_other_way_round() -> None:
    """The stop above, the target below."""
    made = protected(side=Side.SELL, stop_price=Decimal(110), take_profit_price=Decimal(90))
    assert made.open_exits() == pair(10, limit=90, trigger=110)


def test_what_either_fills_is_filled_of_both() -> None:
    """Nothing is cancelled and nothing sent again; when all is filled the plan is over."""
    made = protected()
    (order,) = [each.specification for each in made.sent]
    made.fill(order, "4")
    assert made.open_exits() == pair(6)
    made.fill(order, "6")
    assert made.open_exits() == []
    assert (made.cancelled, len(made.sent)) == ([], 1)
    assert made.machine._state.exit_plans == {}


def test_what_is_closed_otherwise_leaves_a_smaller_pair() -> None:
    """A close of 4 cancels it first; what is left is covered by the next one."""
    made = protected()
    (order,) = [each.specification for each in made.sent]
    made.give(verdict(made.now_ns, ordinal=1, side=Side.SELL, reduce_only=True))
    assert made.cancelled == [order.client_order_id]
    made.fill(order, "3")
    made.ended(order)
    assert made.open_exits() == []
    assert made.sent[-1].specification.quantity == 7


@pytest.mark.parametrize(
    ("term", "expected"), [("limit_price", (105, 90)), ("trigger_price", (110, 95))]
)
def test_either_price_is_moved(term: str, expected: tuple[int, int]) -> None:
    """The new pair is sent when the old one has provably ended."""
    made = protected()
    (order,) = [each.specification for each in made.sent]
    price: dict[str, Any] = {term: Decimal(105 if term == "limit_price" else 95)}
    command = ReplaceOrder(client_order_id=order.client_order_id, **BY_HAND, **price)
    made.give(Called("move", command))
    assert len(made.sent) == 1
    made.ended(order)
    assert made.open_exits() == pair(10, *expected)


def test_who_cancels_it_gives_both_up() -> None:
    """They do not come back."""
    made = protected()
    (order,) = [each.specification for each in made.sent]
    made.give(Called("no", CancelOrder(client_order_id=order.client_order_id, **BY_HAND)))
    made.ended(order)
    made.later()
    assert (made.open_exits(), len(made.sent)) == ([], 1)


def test_a_target_below_its_stop_is_not_asked_for_as_one() -> None:
    """A person may move it there; a venue that takes both as one would refuse them."""
    made = protected()
    (order,) = [each.specification for each in made.sent]
    command = ReplaceOrder(
        client_order_id=order.client_order_id, limit_price=Decimal(89), **BY_HAND
    )
    made.give(Called("move", command))
    made.ended(order)
    assert [each[0] for each in made.open_exits()] == [OrderType.STOP, OrderType.LIMIT]


def test_a_fraction_is_left_apart() -> None:
    """The stop is held here, the target rests."""
    made = Alpaca()
    made.fill(made.entry, "2.5")
    assert made.open_exits() == apart("2.5")
    held = [each.held for each in made.machine._state.orders.values() if each.exit_plan]
    assert held == [True, False]


def test_what_is_refused_twice_is_placed_apart() -> None:
    """Each time later; what is apart then stays so until something has filled."""
    made = Alpaca()
    made.fill(made.entry, "10")
    for _ in range(2):
        assert made.answer(refused=True).trigger_price == 90
        assert made.open_exits() == []
        made.later()
    assert made.open_exits() == apart("10")
    target = made.answer()
    made.later()
    assert made.open_exits() == apart("10")
    made.fill(target, "4")
    assert made.cancelled == [target.client_order_id]
    made.ended(target)
    made.later()
    assert made.open_exits() == pair(6)


def test_a_pair_that_comes_after_its_stop_was_passed_closes_at_the_market() -> None:
    """At once, without a target beside it, and without counting as a failure."""
    made = Alpaca()
    made.fill(made.entry, "10")
    made.answer(refused=True, code=Code.TRIGGER_PASSED)
    assert [each[0] for each in made.open_exits()] == [OrderType.STOP]
    closing = made.answer()
    assert (closing.order_type, closing.quantity) == (OrderType.MARKET, Decimal(10))
    made.fill(closing, "10")
    assert (made.open_exits(), made.machine._state.exit_plans) == ([], {})


def test_what_is_apart_becomes_one_when_it_can() -> None:
    """The held stop ends at once; the pair is sent when the target has ended."""
    made = Alpaca()
    made.fill(made.entry, "2.5")
    target = made.answer()
    made.fill(made.entry, "0.5")
    plans = made.machine._state.exit_plans
    assert [plan.left for plan in plans.values()] == [Decimal("2.5"), Decimal("0.5")]
    made.fill(target, "0.5")
    assert made.cancelled == [target.client_order_id]
    made.ended(target)
    assert pair(2)[0] in made.open_exits()


def test_only_execution_makes_a_pair() -> None:
    """An approved limit order has no trigger."""
    wanted = OrderSpecification(
        order_type=OrderType.LIMIT, limit_price=Decimal(110), trigger_price=Decimal(90)
    )
    assert "expected no trigger_price on a LIMIT, found 90" in faults_of(wanted, NOW_NS)


def test_what_is_one_order_is_native() -> None:
    """The table says the same as what is sent."""
    assert set(PROTECTIVE_PAIR) == set(VenueKind)
    natives = {each for each, way in PROTECTIVE_PAIR.items() if way is Way.NATIVE}
    assert natives == AS_ONE_ORDER | {VenueKind.PAPER}
