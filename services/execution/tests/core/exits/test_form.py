"""A stop and a target as one order: where, of what, and what becomes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_contracts.execution import (
    CancelOrder,
    OrderSpecification,
    OrderType,
    ReplaceOrder,
    Side,
)
from tidegate_execution.core.capabilities import AS_ONE_ORDER, PROTECTIVE_PAIR, VenueKind, Way
from tidegate_execution.core.order_form import faults_of
from tidegate_execution.core.reasons import Code
from tidegate_execution.testing import verdict
from tidegate_kernel.machine import Called

from .by_hand import BY_HAND, NOW_NS, Alpaca, Exit


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
