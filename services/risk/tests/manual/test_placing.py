"""Orders by hand: one verdict each, decided by the rules of every signal, of the quantity asked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tidegate_contracts.execution import OrderState, OrderType, Side, TimeInForce
from tidegate_contracts.risk import Decision, GateAction, GateEvent, GateLevel, Verdict
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.machine import Called, Publish
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.parameters import Override
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import SESSION, START_NS, Desk, code, ordered, parameters, placed

BUY, SELL = Side.BUY, Side.SELL


def numbers(verdict: Verdict) -> dict[str, Decimal]:
    """Return a verdict's numbers by name."""
    return {each.name: each.value for each in verdict.numbers}


def test_the_very_quantity_is_ordered_and_sizing_changes_nothing() -> None:
    """Strategies would buy 100; a person asked for 137."""
    verdict = Desk().place(BUY, 137)
    order = ordered(verdict)
    assert (order.side, order.quantity, order.order_type) == (BUY, Decimal(137), OrderType.MARKET)
    assert (verdict.strategy, verdict.principal, verdict.reason) == ("manual", "operator", "test")
    assert (verdict.risk_increasing, verdict.exact, order.reduce_only) == (True, False, False)
    assert numbers(verdict)["wanted_quantity"] == 137


def test_a_limit_refuses_what_is_too_large_and_says_what_would_pass() -> None:
    """It is never made smaller by itself."""
    verdict = Desk(parameters(order_notional_max_fraction=Decimal("0.1"))).place(BUY, 101)
    assert code(verdict) == Code.ORDER_NOTIONAL
    assert verdict.refusal is not None
    assert "at most 100 AAPL would pass" in verdict.refusal.message


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"entries_allowed": False}, Code.RESTRICTED),
        ({"order_quantity_max": Decimal(9)}, Code.ORDER_QUANTITY),
        ({"trade_notional_min": Decimal(1001)}, Code.TRADE_TOO_SMALL),
        ({"symbol_exposure_max_fraction": Decimal("0.001")}, Code.SYMBOL_EXPOSURE),
        ({"rate_orders_max": 0}, Code.RATE_EXCEEDED),
        ({"open_positions_max": 0}, Code.OPEN_POSITIONS),
    ],
)
def test_every_rule_binds_it(limits: dict[str, Any], expected: str) -> None:
    """A few rules of every kind; both tables are asked as they are of a signal."""
    assert code(Desk(parameters(**limits)).place()) == expected


def test_limits_of_the_strategy_manual_bind_people_alone() -> None:
    """An operator may be given less room than strategies, under the very same limits."""
    told = parameters()
    least = msgspec.structs.replace(told.limits, order_quantity_max=Decimal(9))
    override = Override("strategy:manual", ("order_quantity_max",), least)
    desk = Desk(msgspec.structs.replace(told, overrides=(override,)))
    assert code(desk.place()) == Code.ORDER_QUANTITY
    assert code(desk.ask()) == "APPROVED"


def test_a_person_needs_no_approved_model_and_leaves_none_behind() -> None:
    """The strategies' own versions are what they were."""
    told = msgspec.structs.replace(parameters(), strategies=("ema",))
    desk = Desk(told)
    assert code(desk.place()) == "APPROVED"
    assert desk.machine.state.models == {}


def test_a_repeated_command_gets_the_same_verdict_and_orders_nothing() -> None:
    """Whatever call it comes with, and after a restart too."""
    desk, command = Desk(), placed()
    first = desk.call(command)
    assert desk.tell(Called("again", command))[0] == desk.tell(Called("again", command))[0]
    desk.machine = DecisionMachine.restore(desk.machine.parameters, desk.machine.snapshot())
    desk.now_ns += NS_PER_SECOND
    assert desk.call(command) == first
    assert desk.machine.state.book.orders.count() == 1


def test_a_key_belongs_to_one_order() -> None:
    """Another order under it is not placed, and gets no verdict."""
    desk = Desk()
    desk.call(placed(BUY, 10, key="mine"))
    answer = desk.call(placed(BUY, 11, key="mine"))
    assert (answer.accepted, answer.code, answer.verdict) == (False, "KEY_TAKEN", None)
    assert "BUY 10 AAPL by operator" in answer.message
    assert desk.machine.state.book.orders.count() == 1


def test_two_orders_of_one_moment_have_two_keys_and_no_signals() -> None:
    """Nor is either that of a strategy's signal of the same moment."""
    desk = Desk()
    signal_keys = [
        desk.place(BUY, 1).signal_key,
        desk.place(BUY, 2).signal_key,
        desk.ask().signal_key,
    ]
    assert len(set(signal_keys)) == 3


def test_an_order_that_can_only_reduce_is_one_that_only_reduces() -> None:
    """4 of 10 held; the other 6 stay, and no entry is cancelled for it."""
    desk = Desk()
    desk.fill(desk.place(BUY, 10))
    verdict = desk.place(SELL, 4)
    order = ordered(verdict)
    assert (order.quantity, order.reduce_only, verdict.exact) == (Decimal(4), True, True)
    assert not verdict.risk_increasing


def test_what_is_more_than_held_is_judged_as_an_entry() -> None:
    """It would turn the position around, so it needs to be allowed to be short."""
    desk = Desk()
    desk.fill(desk.place(BUY, 10))
    assert code(desk.place(SELL, 11)) == Code.SHORT_NOT_ALLOWED
    assert code(desk.place(SELL, 10)) == "APPROVED"


def test_what_only_reduces_orders_less_when_less_is_held_and_says_so() -> None:
    """Never more than what is held and not closed already."""
    desk = Desk()
    desk.fill(desk.place(BUY, 10))
    desk.place(SELL, 4)
    verdict = desk.place(SELL, 50, reduce_only=True)
    assert ordered(verdict).quantity == 6
    assert numbers(verdict)["wanted_quantity"] == 50
    assert code(desk.place(SELL, 1, reduce_only=True)) == Code.NOTHING_TO_CLOSE


def test_on_the_wrong_side_there_is_nothing_to_close() -> None:
    """Buying closes no long position."""
    desk = Desk()
    desk.fill(desk.place(BUY, 10))
    assert code(desk.place(BUY, 1, reduce_only=True)) == Code.NOTHING_TO_CLOSE


def test_a_strategys_position_is_closed_at_the_market_by_name() -> None:
    """Anything that rests would keep the strategy itself from leaving."""
    desk = Desk(msgspec.structs.replace(parameters(), strategies=("ema",)))
    desk.hold()
    mine = {"strategy": "ema", "reduce_only": True}
    verdict = desk.place(SELL, 30, **mine)
    assert (verdict.strategy, ordered(verdict).quantity, verdict.exact) == (
        "ema",
        Decimal(30),
        True,
    )
    assert code(desk.place(SELL, 30, strategy="ema")) == Code.ORDER_INVALID
    limit = {"order_type": OrderType.LIMIT, "limit_price": Decimal(101)}
    assert code(desk.place(SELL, 30, **mine, **limit)) == Code.ORDER_INVALID
    assert code(desk.place(SELL, 30, reduce_only=True, strategy="x")) == Code.ORDER_INVALID


def test_a_shut_gate_refuses_entries_and_lets_exits_pass() -> None:
    """At REDUCE_ONLY, as of any strategy; its own scope is that of the strategy `manual`."""
    for scope in ("all", f"strategy:{SESSION}/manual"):
        desk = Desk()
        desk.fill(desk.place(BUY, 10))
        level = GateLevel.REDUCE_ONLY
        desk.tell(GateEvent(action=GateAction.RAISED, scope=scope, level=level, gate_epoch=1))
        assert code(desk.place(BUY, 5)) == Code.GATE_CLOSED
        assert code(desk.place(SELL, 5)) == "APPROVED"


def test_in_lockstep_a_reservation_waits_for_executions_answer() -> None:
    """A command comes outside of the rounds, so silence of an instant proves nothing."""
    desk = Desk(parameters(lockstep=True))
    verdict = desk.place(BUY, 10)
    desk.now_ns += NS_PER_SECOND
    desk.ask(Direction.FLAT)
    assert desk.machine.state.book.orders.count() == 1
    desk.report(verdict, OrderState.REJECTED)
    assert desk.machine.state.book.orders.count() == 0


LIMIT, STOP, STOP_LIMIT, TRAILING = (
    OrderType.LIMIT,
    OrderType.STOP,
    OrderType.STOP_LIMIT,
    OrderType.TRAILING_STOP,
)
AT = Decimal(101)


@pytest.mark.parametrize(
    ("named", "parts"),
    [
        ("key", {"key": ""}),
        ("principal", {"principal": ""}),
        ("reason", {"reason": ""}),
        ("side", {"side": Side.UNSPECIFIED}),
        ("order_type", {"order_type": OrderType.UNSPECIFIED}),
        ("quantity", {"quantity": Decimal(0)}),
        ("quantity", {"quantity": Decimal(-1)}),
        ("quantity", {"quantity": Decimal("NaN")}),
        ("limit_price", {"limit_price": AT}),
        ("limit_price", {"order_type": LIMIT}),
        ("limit_price", {"order_type": LIMIT, "limit_price": Decimal(0)}),
        ("trigger_price", {"order_type": STOP}),
        ("trigger_price", {"order_type": LIMIT, "limit_price": AT, "trigger_price": AT}),
        ("trail", {"trail_amount": AT}),
        ("trail", {"order_type": TRAILING}),
        (
            "trail",
            {"order_type": TRAILING, "trail_amount": AT, "trail_percent": AT},
        ),
        ("trail_percent", {"order_type": TRAILING, "trail_percent": Decimal(100)}),
        ("trail_amount", {"order_type": TRAILING, "trail_amount": Decimal(0)}),
        ("order_type", {"order_type": TRAILING, "trail_amount": AT}),
        ("valid_for_ns", {"valid_for_ns": 1}),
        (
            "valid_for_ns",
            {"order_type": STOP, "trigger_price": AT, "time_in_force": TimeInForce.GTD},
        ),
        ("time_in_force", {"time_in_force": TimeInForce.GTD, "valid_for_ns": 1}),
        (
            "time_in_force",
            {"order_type": STOP, "trigger_price": AT, "time_in_force": TimeInForce.IOC},
        ),
        ("post_only", {"post_only": True}),
        ("stop_price", {"stop_price": Decimal(100)}),
        ("stop_price", {"stop_price": Decimal(0)}),
        ("take_profit_price", {"take_profit_price": Decimal(100)}),
        ("stop_price", {"side": SELL, "stop_price": Decimal(100)}),
        (
            "take_profit_price",
            {"order_type": STOP, "trigger_price": AT, "take_profit_price": AT},
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused_and_named(named: str, parts: dict[str, Any]) -> None:
    """What was expected comes first, what came after it, and nothing is ordered."""
    desk = Desk(parameters(short_allowed=True))
    answer = desk.call(msgspec.structs.replace(placed(), **{"key": "k", **parts}))
    assert answer.verdict is not None
    assert code(answer.verdict) == Code.ORDER_INVALID
    assert answer.verdict.refusal is not None
    assert answer.verdict.refusal.message.startswith(f"expected {named} ")
    assert desk.machine.state.book.orders.count() == 0


@pytest.mark.parametrize(
    ("side", "parts", "expected"),
    [
        (BUY, {"order_type": LIMIT, "limit_price": Decimal("99.995")}, Code.TICK_SIZE),
        (BUY, {"order_type": STOP, "trigger_price": Decimal("101.005")}, Code.TICK_SIZE),
        (BUY, {"stop_price": Decimal("99.995")}, Code.TICK_SIZE),
        (BUY, {"take_profit_price": Decimal("110.001")}, Code.TICK_SIZE),
        (BUY, {"quantity": Decimal("1.5")}, Code.LOT_SIZE),
        (BUY, {"order_type": STOP, "trigger_price": Decimal(100)}, Code.TRIGGER_PASSED),
        (
            BUY,
            {"order_type": STOP_LIMIT, "trigger_price": AT, "limit_price": Decimal(100)},
            Code.SIGNAL_INVALID,
        ),
        (BUY, {"symbol": "TSLA"}, Code.INSTRUMENT_UNKNOWN),
        (BUY, {"session": "other"}, Code.FOREIGN_SIGNAL),
    ],
)
def test_nothing_is_moved_to_where_it_would_fit(
    side: Side, parts: dict[str, Any], expected: str
) -> None:
    """A person's price is the person's: off the tick it is refused, and what would pass is said."""
    assert code(Desk().place(side, **parts)) == expected


def test_a_price_off_the_tick_is_shown_with_all_its_decimals() -> None:
    """Rounded it would look as if it lay there."""
    refusal = Desk().place(BUY, order_type=LIMIT, limit_price=Decimal("1.00001")).refusal
    assert refusal is not None
    assert "found 1.00001 USD; 1 USD would pass" in refusal.message


def test_the_order_says_all_that_was_asked_for() -> None:
    """Type, prices, date and exits; a date counts from the decision."""
    desk = Desk()
    order = ordered(
        desk.place(
            BUY,
            order_type=STOP_LIMIT,
            trigger_price=AT,
            limit_price=Decimal("101.5"),
            time_in_force=TimeInForce.GTD,
            valid_for_ns=600 * NS_PER_SECOND,
            stop_price=Decimal(97),
            take_profit_price=Decimal(110),
        )
    )
    assert (order.order_type, order.trigger_price, order.limit_price) == (
        STOP_LIMIT,
        AT,
        Decimal("101.5"),
    )
    assert (order.time_in_force, order.expires_at_ns) == (
        TimeInForce.GTD,
        START_NS + 600 * NS_PER_SECOND,
    )
    assert (order.stop_price, order.take_profit_price) == (Decimal(97), Decimal(110))


def test_what_closes_may_trail() -> None:
    """A trailing stop by hand over what is held by hand."""
    desk = Desk()
    desk.fill(desk.place(BUY, 10))
    order = ordered(desk.place(SELL, 10, order_type=TRAILING, trail_percent=Decimal(2)))
    assert (order.reduce_only, order.trail_percent) == (True, Decimal(2))


def test_a_strategys_signal_is_decided_as_if_nobody_had_a_hand() -> None:
    """The same verdict with and without an order by hand that was refused before it."""
    plain, beside = Desk(), Desk()
    assert code(beside.place(BUY, -1)) == Code.ORDER_INVALID
    wish: dict[str, Any] = {
        "entry_style": EntryStyle.LIMIT,
        "limit_price": Decimal(99),
        "ordinal": 7,
    }
    first, second = plain.ask(**wish), beside.ask(**wish)
    assert first == second
    assert first.decision == Decision.APPROVED


def test_one_verdict_is_published_and_the_answer_holds_it() -> None:
    """On the bus it is as any other verdict."""
    desk = Desk()
    effects = desk.tell(Called("p", placed()))
    (verdict,) = [each.body for each in effects if isinstance(each, Publish)]
    assert isinstance(verdict, Verdict)
    assert desk.call(placed()).verdict == verdict
