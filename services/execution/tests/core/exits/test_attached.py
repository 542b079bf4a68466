"""Entries that are sent with their exits: which, when these begin, and what becomes of both."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_contracts.execution import (
    CancelOrder,
    OrderSpecification,
    OrderState,
    OrderType,
    OutcomeUnknown,
    QueryOrder,
    ReplaceOrder,
    Side,
    TimeInForce,
    VenueOrder,
)
from tidegate_contracts.risk import GateLevel
from tidegate_execution.core.orders.attached import attached_exits_id
from tidegate_execution.core.reasons import Code
from tidegate_execution.testing import STRATEGY, raised, verdict
from tidegate_kernel.machine import TimerFired, Withheld
from tidegate_kernel.time import NS_PER_SECOND

from .by_hand import BY_HAND
from .together import LATE, Together, executed, venue_order, whole

ALONE: tuple[dict[str, Any], ...] = (
    {"limit_price": Decimal(100)},
    {"order_type": OrderType.STOP, "trigger_price": Decimal(101)},
    {"quantity": Decimal("2.5")},
    {"time_in_force": TimeInForce.IOC},
    {"stop_price": None, "take_profit_price": None},
    {"oco_group": "either"},
)
"""Entries that are sent without exits, where one at the market would be sent with them."""
STOP_ALONE = (OrderType.STOP, None, Decimal(90))


def test_an_entry_at_the_market_is_sent_with_a_stop_and_a_target() -> None:
    """As one order under the entry's name, of all that the entry may fill, until cancelled."""
    made = Together()
    sent = made.exits
    assert sent.client_order_id == made.exits_id
    assert (sent.order_type, sent.limit_price, sent.trigger_price) == whole()[0][:3]
    assert (sent.side, sent.quantity, sent.reduce_only) == (Side.SELL, Decimal(10), True)
    assert (sent.time_in_force, sent.oco_group) == (TimeInForce.GTC, "")


@pytest.mark.parametrize(
    ("settings", "entered", "expected"),
    [
        ({"protective_exits": "stop"}, {}, STOP_ALONE),
        ({}, {"take_profit_price": None}, STOP_ALONE),
        ({}, {"take_profit_price": None, "time_in_force": TimeInForce.DAY}, STOP_ALONE),
        ({}, {"stop_price": None}, (OrderType.LIMIT, Decimal(110), None)),
    ],
)
def test_one_exit_is_sent_alone(
    settings: dict[str, object], entered: dict[str, Any], expected: tuple[object, ...]
) -> None:
    """A stop, or a target, as the session and the entry say, and for longer than a day."""
    sent = Together(settings, **entered).exits
    assert (sent.order_type, sent.limit_price, sent.trigger_price) == expected
    assert sent.time_in_force is TimeInForce.GTC


@pytest.mark.parametrize("entered", ALONE)
def test_other_entries_are_sent_alone(entered: dict[str, Any]) -> None:
    """Their exits follow what fills."""
    assert Together(**entered).request.exits is None


@pytest.mark.parametrize("settings", [{"native_entries": "never"}, {"venue": "paper"}])
def test_where_it_is_not_wanted_or_not_taken_they_are_sent_alone(
    settings: dict[str, object],
) -> None:
    """By default every entry is; so is one at another venue."""
    assert Together(settings).request.exits is None


def test_what_turns_a_holding_around_is_sent_alone() -> None:
    """Its exits would close more than it leaves."""
    made = Together()
    made.fill(made.entry, "4")
    made.ended(made.entry)
    made.enter(1, side=Side.SELL, stop_price=Decimal(110), take_profit_price=Decimal(90))
    assert made.request.exits is None


def test_the_exits_begin_when_the_entry_is_taken() -> None:
    """Before that nobody has heard of them; then they work, and nothing more is sent."""
    made = Together()
    assert made.machine._state.find(made.exits_id) is None
    made.accept()
    assert made.open_exits() == whole()
    found = made.found(made.exits)
    assert (found.state, found.sends, found.leg) == (OrderState.WORKING, 1, 1)
    made.fill(made.entry, "4")
    made.fill(made.entry, "6")
    assert made.open_exits() == whole()
    assert (made.sent, made.cancelled) == ([], [])


def test_their_life_is_told_as_any_order_s() -> None:
    """Written down, sent, taken."""
    made = Together()
    made.accept()
    told = [e for e in made.told if e.specification.client_order_id == made.exits_id]
    states = [event.state for event in told]
    assert states == [OrderState.PENDING, OrderState.SUBMITTING, OrderState.WORKING]
    assert all(event.leg == 1 and event.specification.reduce_only for event in told)


@pytest.mark.parametrize("code", ["NO", Code.TRIGGER_PASSED])
def test_a_refused_entry_has_no_exits(code: str) -> None:
    """It ends with the venue's reason, and nothing else is sent."""
    made = Together()
    made.sent.append(made.request)
    made.answer(refused=True, code=code)
    made.later()
    assert made.found(made.entry).state is OrderState.REJECTED
    assert (made.open_exits(), made.sent) == ([], [made.request])
    assert made.machine._state.exit_plans == {}


def test_an_entry_of_which_nothing_is_known_has_no_exits_before_it_is_found() -> None:
    """It is asked about by its own id."""
    made = Together()
    made.reply(made.request, OutcomeUnknown(reason="504"))
    asked = made.newest("QueryOrder")
    assert isinstance(asked, QueryOrder)
    assert asked.client_order_id == made.entry.client_order_id
    assert made.open_exits() == []
    made.reply(asked, venue_order(made.entry, OrderState.WORKING))
    assert made.open_exits() == whole()


def test_one_that_never_arrives_never_has_any() -> None:
    """It is sent again with the same exits, and given up without them."""
    made = Together()
    made.reply(made.request, OutcomeUnknown(reason="504"))
    made.reply(made.newest("QueryOrder"), VenueOrder(found=False))
    assert [each.exits for each in made.sent] == [made.exits]
    assert made.open_exits() == []


@pytest.mark.parametrize("how", ["fill", "report", "list"])
def test_whatever_proves_the_entry_begins_its_exits(how: str) -> None:
    """A fill of it, or the venue's word about the exits themselves; that halts nothing."""
    made = Together()
    if how == "fill":
        made.fill(made.entry, "10")
    elif how == "report":
        made.ended(made.exits)
    else:
        made.listed(venue_order(made.exits, OrderState.WORKING))
    found = made.found(made.exits)
    assert found.state is (OrderState.CANCELLED if how == "report" else OrderState.WORKING)
    assert made.machine._state.latched == []


@pytest.mark.parametrize("settings", [{}, {"native_entries": "never"}])
def test_exits_of_no_entry_of_ours_are_a_stranger_s(settings: dict[str, object]) -> None:
    """The account is halted: so it is for those of an entry that was sent alone."""
    made = Together(settings)
    stranger = made.entry.client_order_id if settings else "tg-stranger"
    exits = OrderSpecification(client_order_id=attached_exits_id(stranger), symbol="AAPL")
    made.listed(venue_order(exits, OrderState.WORKING))
    assert Code.FOREIGN_ORDER in made.machine._state.latched[0]


def test_one_exit_fills_both_and_the_plan_is_over() -> None:
    """Nothing is cancelled, nothing sent."""
    made = Together()
    made.accept()
    made.fill(made.entry, "10")
    made.fill(made.exits, "4")
    assert made.open_exits() == whole(6)
    made.fill(made.exits, "6")
    assert (made.open_exits(), made.machine._state.exit_plans) == ([], {})
    assert (made.sent, made.cancelled) == ([], [])


def test_exits_that_are_heard_to_fill_first_are_booked_and_the_entry_is_asked_about() -> None:
    """Nothing is protected that is not held, nothing of another entry is given up."""
    made = Together()
    made.accept()
    made.fill(made.entry, "10")
    first = made.exits
    made.enter(1)
    made.accept()
    made.fill(made.exits, "10")
    asked = made.newest("QueryOrder")
    assert isinstance(asked, QueryOrder)
    assert asked.client_order_id == made.entry.client_order_id
    assert made.found(first).cancel_code == ""
    made.reply(asked, venue_order(made.entry, OrderState.FILLED, executed(10, "late")))
    assert made.machine._state.held(STRATEGY, "AAPL") == 10
    assert made.open_exits() == whole()
    assert list(made.machine._state.exit_plans) == [f"{first.client_order_id[:-2]}-1"]
    assert (made.sent, made.cancelled) == ([], [])


def test_an_entry_that_ends_partly_filled_is_protected_as_any() -> None:
    """Its exits end with it, and those of what has filled follow at once."""
    made = Together()
    made.accept()
    made.fill(made.entry, "3")
    assert made.open_exits() == whole()
    made.ended(made.entry)
    assert made.cancelled == [made.exits_id]
    made.ended(made.exits)
    assert made.open_exits() == whole(3)
    assert made.sent[-1].specification.client_order_id != made.exits_id


def test_an_entry_that_ends_unfilled_leaves_nothing() -> None:
    """If the venue has not said that the exits ended, they are cancelled."""
    made = Together()
    made.accept()
    made.ended(made.entry)
    assert made.cancelled == [made.exits_id]
    made.ended(made.exits)
    assert (made.open_exits(), made.machine._state.exit_plans, made.sent) == ([], {}, [])


@pytest.mark.parametrize("filled", ["4", "10"])
def test_exits_that_the_venue_ends_are_followed_at_once(filled: str) -> None:
    """That is no failure of ours: nothing waits."""
    made = Together()
    made.accept()
    made.fill(made.entry, filled)
    made.ended(made.exits)
    assert made.open_exits() == whole(int(filled))
    assert made.sent[-1].specification.quantity == int(filled)


def test_what_fills_after_the_exits_ended_is_protected_too() -> None:
    """By exits of its own."""
    made = Together()
    made.accept()
    made.fill(made.entry, "4")
    made.ended(made.exits)
    made.fill(made.entry, "6")
    assert sum(each[3] for each in made.open_exits()) == 10


def test_who_wants_out_cancels_the_entry_first() -> None:
    """The exits are asked to end when the entry has ended, and the close follows both."""
    made = Together()
    made.accept()
    made.fill(made.entry, "4")
    made.give(verdict(made.now_ns, ordinal=1, side=Side.SELL, reduce_only=True))
    assert made.cancelled == [made.entry.client_order_id]
    made.fill(made.entry, "6")
    assert made.cancelled == [made.entry.client_order_id, made.exits_id]
    assert made.sent == []
    made.fill(made.exits, "1")
    made.ended(made.exits)
    assert made.sent[-1].specification.quantity == 9


def test_a_close_that_came_before_the_exits_began_waits_for_them_too() -> None:
    """The entry was unknown when its strategy wanted out, and has filled."""
    made = Together()
    made.reply(made.request, OutcomeUnknown(reason="504"))
    made.give(verdict(made.now_ns, ordinal=1, side=Side.SELL, reduce_only=True))
    made.fill(made.entry, "10")
    assert made.cancelled == [made.entry.client_order_id, made.exits_id]
    assert made.sent == []
    made.ended(made.exits)
    assert made.sent[-1].specification.quantity == 10


@pytest.mark.parametrize("level", [GateLevel.REDUCE_ONLY, GateLevel.HALTED])
def test_the_gate_cancels_the_entry_and_not_its_exits(level: GateLevel) -> None:
    """Under `REDUCE_ONLY` they stay if it has filled all the same; from `HALTED` on they end."""
    made = Together()
    made.accept()
    made.give(raised(level))
    assert made.cancelled == [made.entry.client_order_id]
    made.fill(made.entry, "10")
    assert (made.exits_id in made.cancelled) is (level is GateLevel.HALTED)


def test_exits_that_begin_behind_a_shut_gate_end() -> None:
    """What a late entry has filled is closed when its exits have ended, not beside them."""
    made = Together({"venue_model": LATE})
    made.reply(made.request, OutcomeUnknown(reason="504"))
    made.now_ns += 61 * NS_PER_SECOND
    made.reply(made.newest("QueryOrder"), VenueOrder(found=False))
    made.listed()
    made.give(raised(GateLevel.FLATTENING))
    made.listed()
    made.give(TimerFired("sweep", made.now_ns))
    sweep = made.machine._state.sweep
    assert (sweep.confirmed, sweep.running) == (True, False)
    made.fill(made.entry, "10")
    assert made.cancelled == [made.exits_id]
    assert made.sent == []
    made.ended(made.exits)
    made.now_ns += NS_PER_SECOND
    made.give(TimerFired("sweep", made.now_ns))
    assert made.sent[-1].specification.quantity == 10


def test_people_cancel_the_entry_while_it_is_open() -> None:
    """Then the exits are as any: moved, or given up."""
    made = Together()
    made.accept()
    names: dict[str, Any] = {"client_order_id": made.exits_id, **BY_HAND}
    refused = made.command(CancelOrder(**names))
    assert (refused.accepted, refused.code) == (False, "ENTRY_OPEN")
    assert made.entry.client_order_id in refused.message
    moved = ReplaceOrder(**names, limit_price=Decimal(120))
    assert made.command(moved).code == "ENTRY_OPEN"
    made.fill(made.entry, "10")
    assert made.command(moved).accepted
    assert made.cancelled == [made.exits_id]
    made.ended(made.exits)
    assert made.open_exits() == [(OrderType.LIMIT, Decimal(120), Decimal(90), Decimal(10))]


def test_the_entry_itself_is_not_replaced() -> None:
    """Its exits would stay what they were."""
    made = Together()
    made.accept()
    wanted = ReplaceOrder(
        client_order_id=made.entry.client_order_id, quantity=Decimal(5), **BY_HAND
    )
    assert made.command(wanted).code == "ORDER_HAS_EXITS"


def test_exits_that_are_not_listed_are_asked_about() -> None:
    """The list of a venue may leave them out: found, they go on as before."""
    made = filled_whole()
    made.listed(held=10)
    asked = made.newest("QueryOrder")
    assert isinstance(asked, QueryOrder)
    assert asked.client_order_id == made.exits_id
    made.reply(asked, venue_order(made.exits, OrderState.WORKING))
    assert made.found(made.exits).state is OrderState.WORKING
    assert (made.sent, made.cancelled) == ([], [])


def test_exits_that_are_not_found_are_given_up_and_never_sent_again() -> None:
    """In doubt until that is proven; then the usual exits follow."""
    made = filled_whole()
    made.listed(held=10)
    for _ in range(2):
        nothing = VenueOrder(client_order_id=made.exits_id, found=False)
        made.reply(made.newest("QueryOrder"), nothing)
        made.give(TimerFired(f"order:{made.exits_id}", made.now_ns))
    assert made.found(made.exits).ended
    assert made.open_exits() == whole()
    assert made.exits_id not in [each.specification.client_order_id for each in made.sent]


def filled_whole() -> Together:
    """Return a session whose entry has filled, and that compares its account."""
    made = Together()
    made.listed()
    made.accept()
    made.fill(made.entry, "10")
    made.listed(held=10)
    made.now_ns += 31 * NS_PER_SECOND
    made.give(TimerFired("reconcile", made.now_ns))
    return made


def test_other_exits_find_room_beside_those_of_an_open_entry() -> None:
    """Which can close no more than the entry has filled."""
    made = Together(quantity=Decimal(4), limit_price=Decimal(100))
    made.fill(made.entry, "4")
    first = made.answer()
    made.enter(1)
    made.accept()
    made.fill(made.entry, "3")
    made.ended(first)
    made.later()
    assert made.open_exits() == [*whole(), *whole(4)]


def test_exits_of_an_entry_that_never_left_are_a_stranger_s() -> None:
    """Nobody has sent them."""
    made = Together()
    made.give(Withheld("venue", made.request, "KILLED", "test"))
    made.ended(made.exits)
    assert Code.FOREIGN_ORDER in made.machine._state.latched[0]


def test_an_entry_that_was_given_up_and_appears_filled_is_protected() -> None:
    """Its fills are booked, and its exits are ours."""
    made = Together({"venue_model": LATE})
    made.reply(made.request, OutcomeUnknown(reason="504"))
    made.now_ns += 61 * NS_PER_SECOND
    made.reply(made.newest("QueryOrder"), VenueOrder(found=False))
    assert made.found(made.entry).ended
    made.listed(venue_order(made.exits, OrderState.WORKING), held=10)
    assert made.machine._state.latched == []
    made.fill(made.entry, "10")
    assert made.open_exits() == whole()


def test_the_form_outlives_a_change_of_the_setting() -> None:
    """What was sent with an entry stays what it is when the session wants none any more."""
    made = Together()
    made.accept()
    changed = {"native_entries": "never", "protective_exits": "none"}
    made.change(changed)
    made.fill(made.entry, "10")
    assert (made.open_exits(), made.cancelled) == (whole(), [])
