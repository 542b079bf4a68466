"""A strategy's structure: sized by what it loses at most, held once, and closed as it is held."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import Fill, OrderLeg, OrderState, OrderType, Side, TimeInForce
from tidegate_contracts.risk import Decision, GateAction, GateEvent, GateLevel, Verdict
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.contracts import option_of
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import ACCOUNT, SESSION, VENUE, Desk, bar, code, instrument, ordered

from .test_deciding import (
    CALENDAR,
    CLOSES,
    CREDIT,
    DEBIT,
    HIGH,
    LOW,
    STRADDLE_SOLD,
    desk,
    event,
    fill,
    leg,
)

LONG, FLAT, SHORT = Direction.LONG, Direction.FLAT, Direction.SHORT
BUDGET = 1_000
"""What a position may lose: a hundredth of 100,000."""


def wish(made: Desk, legs: tuple[OrderLeg, ...] = DEBIT, **changes: Any) -> Verdict:  # noqa: ANN401
    """Let the strategy ask for a structure, or leave it, at a later moment."""
    made.now_ns += NS_PER_DAY
    direction = changes.pop("direction", LONG)
    return made.ask(direction, legs=legs, **changes)


def working(made: Desk, **changes: Any) -> Verdict:  # noqa: ANN401
    """Let the strategy ask, and execution answer that the order works."""
    verdict = wish(made, **changes)
    made.tell(event(verdict, OrderState.WORKING, 0))
    return verdict


def at(net: str) -> dict[str, Any]:
    """Return the terms of an entry at a net price."""
    return {
        "entry_style": EntryStyle.LIMIT,
        "limit_price": Decimal(net),
        "time_in_force": TimeInForce.DAY,
    }


def numbers(verdict: Verdict) -> dict[str, Decimal]:
    """Return what a verdict was decided on."""
    return {each.name: each.value for each in verdict.numbers}


@pytest.mark.parametrize(
    ("legs", "net", "quantity"),
    [
        # It can lose 3 a unit: 333 units would, 300 are whole structures.
        (DEBIT, "3", 300),
        (DEBIT, "3.33", 300),
        (DEBIT, "3.34", 200),
        # It can lose 10 - 3 = 7 a unit, and 10 - 5 = 5.
        (CREDIT, "-3", 100),
        (CREDIT, "-5", 200),
        (CREDIT, "-4.99", 100),
    ],
)
def test_the_size_is_what_loses_the_budget_of_a_trade(
    legs: tuple[OrderLeg, ...], net: str, quantity: int
) -> None:
    """To the cent, and down to whole structures."""
    verdict = wish(desk(position_fraction=Decimal(1)), legs, **at(net))
    wanted = ordered(verdict)
    assert (wanted.quantity, wanted.legs, wanted.side) == (Decimal(quantity), legs, Side.BUY)
    assert (wanted.order_type, wanted.limit_price) == (OrderType.LIMIT, Decimal(net))
    assert (wanted.time_in_force, wanted.reduce_only) == (TimeInForce.DAY, False)
    told = numbers(verdict)
    assert told["structure_loss_budget"] == BUDGET
    assert told["target_quantity"] == told["structure_quantity"] == quantity
    assert told["structure_loss"] <= BUDGET
    assert (verdict.strategy, verdict.principal, verdict.exact) == ("ema", "", False)


def test_at_the_market_the_buffer_is_lost_too() -> None:
    """A net price of 3 now, and a tenth of the 7 that both legs cost."""
    made = desk(position_fraction=Decimal(1), cash_buffer_fraction=Decimal("0.1"))
    verdict = wish(made)
    assert numbers(verdict)["structure_loss_per_unit"] == Decimal("3.7")
    assert ordered(verdict).quantity == 200
    assert ordered(verdict).order_type is OrderType.MARKET


def test_a_position_takes_no_more_than_its_share_of_equity() -> None:
    """Whatever it may lose: 7 of both legs a unit, and 1,500 to take."""
    verdict = wish(desk(position_fraction=Decimal("0.015")), CREDIT, **at("-5"))
    assert ordered(verdict).quantity == 200
    verdict = wish(desk(position_fraction=Decimal("0.0139")), CREDIT, **at("-5"))
    assert ordered(verdict).quantity == 100


def test_what_is_less_than_a_structure_is_no_order() -> None:
    """The refusal says what would have been."""
    verdict = wish(desk(risk_per_trade_fraction=Decimal("0.00299")), **at("3"))
    assert code(verdict) == Code.SIZE_ZERO
    assert verdict.refusal is not None
    assert "quantity_by_structure_loss 99.6" in verdict.refusal.message
    verdict = wish(desk(risk_per_trade_fraction=Decimal("0.003")), **at("3"))
    assert ordered(verdict).quantity == 100


def test_a_net_price_lies_on_the_tick_and_never_becomes_worse() -> None:
    """A credit of 3.004 is one of 3.01."""
    made = desk(position_fraction=Decimal(1))
    assert ordered(wish(made, CREDIT, **at("-3.004"))).limit_price == Decimal("-3.01")


SIDES = st.sampled_from([Side.BUY, Side.SELL])
OPTIONS = st.lists(
    st.tuples(st.integers(80, 120), st.sampled_from("CP"), SIDES, st.integers(1, 3)),
    min_size=2,
    max_size=4,
    unique_by=lambda each: each[:2],
)


@settings(max_examples=60, deadline=None)
@given(OPTIONS, st.lists(st.integers(1, 3_000), min_size=4, max_size=4), st.integers(-1_500, 1_500))
def test_at_no_price_of_the_underlying_more_than_the_budget_is_lost(
    options: list[tuple[int, str, Side, int]], closes: list[int], net: int
) -> None:
    """What is approved is worth enough at its expiry, wherever the underlying is then."""
    made, legs = desk(position_fraction=Decimal(1)), []
    terms = made.machine.state.book.market.instruments[f"{VENUE}|{LOW}"]
    for (strike, right, side, ratio), close in zip(options, closes, strict=False):
        symbol = f"AAPL991218{right}{strike:05d}000"
        made.tell(msgspec.structs.replace(terms, symbol=symbol))
        made.tell(bar(symbol, close))
        legs.append(leg(symbol, side, ratio))
    verdict = wish(made, tuple(legs), **at(f"{Decimal(net) / 100}"))
    if verdict.decision is Decision.REFUSED:
        return
    wanted = ordered(verdict)
    assert wanted.limit_price is not None
    assert wanted.quantity % 100 == 0
    for price in (*range(241), 10_000):
        worth = sum(_worth(each, price) for each in wanted.legs)
        assert wanted.quantity * (wanted.limit_price - worth) <= BUDGET


def _worth(of: OrderLeg, price: int) -> Decimal:
    """Return what a leg of one unit is worth at its expiry, by the book."""
    option = option_of(of.symbol)
    assert option is not None
    inside = price - option.strike if option.is_call else option.strike - price
    return max(inside, Decimal(0)) * of.ratio * (1 if of.side is Side.BUY else -1)


@pytest.mark.parametrize("legs", [STRADDLE_SOLD, CALENDAR, (DEBIT[0], leg(HIGH, Side.SELL, 2))])
def test_a_loss_without_bound_has_no_size(legs: tuple[OrderLeg, ...]) -> None:
    """Not even where the limits let a person place it."""
    assert code(wish(desk(), legs)) == Code.OPTION_RISK_UNDEFINED
    made = desk(option_loss_unbounded_allowed=True)
    assert code(wish(made, legs)) == Code.OPTION_RISK_UNDEFINED


def test_a_structure_that_is_held_or_on_order_is_not_doubled() -> None:
    """Neither before its fills nor after them; only what is missing is ordered."""
    made = desk(position_fraction=Decimal(1))
    first = working(made, **at("3"))
    assert code(wish(made, **at("3"))) == Code.ALREADY_AT_TARGET
    fill(made, first, 300)
    verdict = wish(made, **at("3"))
    assert code(verdict) == Code.ALREADY_AT_TARGET
    assert numbers(verdict)["held_quantity"] == 300
    # At 2 each, 500 lose no more than the budget.
    assert ordered(wish(made, **at("2"))).quantity == 200
    # Another strategy's is its own.
    assert code(wish(made, strategy="other", **at("3"))) == "APPROVED"


def test_on_top_of_other_legs_nothing_is_opened() -> None:
    """One leg of it, more of one, or all of them the other way around."""
    made = desk(position_fraction=Decimal(1))
    fill(made, wish(made, **at("3")), 300)
    assert code(wish(made, CREDIT)) == Code.STRUCTURE_UNEVEN
    narrower = (DEBIT[0], leg("AAPL991218C00105000", Side.SELL))
    known = made.machine.state.book.market.instruments[f"{VENUE}|{HIGH}"]
    made.tell(msgspec.structs.replace(known, symbol=narrower[1].symbol))
    made.tell(bar(narrower[1].symbol, 300))
    verdict = wish(made, narrower, **at("2"))
    assert code(verdict) == Code.STRUCTURE_UNEVEN
    assert verdict.refusal is not None
    assert f"300 of {LOW}, 0 of {narrower[1].symbol}" in verdict.refusal.message
    assert code(wish(made, direction=FLAT)) == "APPROVED"


HELD = st.integers(-3, 3).map(lambda structures: 100 * structures)


@settings(max_examples=30, deadline=None)
@given(HELD, HELD)
def test_a_structure_is_opened_only_where_its_legs_are_held_alike(low: int, high: int) -> None:
    """The same of each, the way they are wanted, or none; all else is closed first."""
    made = desk(position_fraction=Decimal(1))
    for symbol, quantity in ((LOW, low), (HIGH, -high)):
        if quantity:
            made.tell(booked(made, symbol, quantity))
    answer = code(wish(made, **at("2")))
    alike = low == high >= 0
    assert answer == ("APPROVED" if alike else Code.STRUCTURE_UNEVEN)


def booked(made: Desk, symbol: str, quantity: int) -> Fill:
    """Return a fill that the strategy has had."""
    return Fill(
        session=SESSION,
        account=ACCOUNT,
        strategy="ema",
        client_order_id=symbol,
        execution_id=symbol,
        venue=VENUE,
        symbol=symbol,
        side=Side.BUY if quantity > 0 else Side.SELL,
        quantity=Decimal(abs(quantity)),
        price=Decimal(CLOSES[symbol]) / 100,
        fee_currency="USD",
        event_at_ns=made.now_ns,
    )


def test_leaving_turns_the_legs_that_are_held_around() -> None:
    """All of them, at the market, in the strategy's name; whatever entries are bound by."""
    made = desk(position_fraction=Decimal(1))
    fill(made, wish(made, **at("3")), 300)
    verdict = working(made, direction=FLAT)
    wanted = ordered(verdict)
    assert wanted.legs == (leg(LOW, Side.SELL), leg(HIGH, Side.BUY))
    assert (wanted.quantity, wanted.order_type) == (Decimal(300), OrderType.MARKET)
    assert wanted.reduce_only
    assert not verdict.exact
    assert not verdict.risk_increasing
    assert code(wish(made, direction=FLAT)) == Code.NOTHING_TO_CLOSE
    fill(made, verdict, 300)
    assert code(wish(made, direction=FLAT)) == Code.NOTHING_TO_CLOSE
    assert code(wish(made, **at("3"))) == "APPROVED"


def test_leaving_before_anything_is_filled_cancels_the_entry() -> None:
    """A quantity of zero: execution ends the open entry, and closes what has filled by then."""
    made = desk(position_fraction=Decimal(1))
    first = working(made, **at("3"))
    verdict = wish(made, direction=FLAT)
    assert ordered(verdict).quantity == 0
    made.tell(event(first, OrderState.CANCELLED, 0))
    assert code(wish(made, direction=FLAT)) == Code.NOTHING_TO_CLOSE
    assert made.machine.state.book.orders.by_id == {}


def test_another_strategys_structure_is_not_closed() -> None:
    """What the account holds is not what the strategy holds."""
    made = desk(position_fraction=Decimal(1))
    fill(made, wish(made, strategy="other", **at("3")), 300)
    assert code(wish(made, direction=FLAT)) == Code.NOTHING_TO_CLOSE


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"legs": DEBIT[:1]}, "2 to 4 legs"),
        ({"legs": DEBIT[:1], "direction": FLAT}, "2 to 4 legs"),
        ({"direction": SHORT}, "direction LONG or FLAT with legs"),
        ({"entry_style": EntryStyle.STOP, "trigger_price": Decimal(1)}, "MARKET or LIMIT"),
        ({"entry_style": EntryStyle.LIMIT}, "limit_price the net price"),
        ({**at("NaN")}, "limit_price the net price"),
        ({"limit_price": Decimal(1)}, "limit_price to be left out for MARKET"),
        ({"time_in_force": TimeInForce.IOC}, "DAY or GTC with legs"),
        ({"stop_distance": Decimal(1)}, "stop_distance to be left out with legs"),
        ({"symbol": "MSFT"}, "options on MSFT"),
    ],
)
def test_what_does_not_belong_to_legs_is_named(changes: dict[str, Any], named: str) -> None:
    """By its name, with what was expected."""
    made = desk()
    made.tell(instrument("MSFT"))
    made.tell(bar("MSFT"))
    verdict = wish(made, **changes)
    assert code(verdict) == Code.SIGNAL_INVALID
    assert verdict.refusal is not None
    assert named in verdict.refusal.message


def test_every_rule_is_asked_as_for_a_person() -> None:
    """The gate over one leg, the collar of the whole, a leg's own exposure, the largest loss."""
    made = desk()
    raised = GateEvent(
        action=GateAction.RAISED,
        scope=f"symbol:{HIGH}",
        level=GateLevel.HALTED,
        gate_epoch=1,
        principal="p",
    )
    made.tell(raised)
    assert code(wish(made)) == Code.GATE_CLOSED
    collared = desk(price_collar_fraction=Decimal("0.1"))
    assert code(wish(collared, **at("3.71"))) == Code.PRICE_COLLAR
    assert code(wish(collared, **at("3.7"))) == "APPROVED"
    exposed = desk(symbol_exposure_max_fraction=Decimal("0.0099"))
    assert code(wish(exposed)) == Code.SYMBOL_EXPOSURE
    bounded = desk(option_loss_max_fraction=Decimal("0.0089"), position_fraction=Decimal(1))
    assert code(wish(bounded, **at("3"))) == Code.STRUCTURE_LOSS
    assert exposed.machine.state.book.orders.by_id == {}


def test_a_snapshot_between_order_and_exit_changes_nothing() -> None:
    """What a restored machine decides is the same, to the byte."""
    made = desk(position_fraction=Decimal(1))
    fill(made, wish(made, **at("3")), 300)
    again = DecisionMachine.restore(made.machine.parameters, made.machine.snapshot())
    assert again.snapshot() == made.machine.snapshot()
    first = wish(made, direction=FLAT)
    made.machine, made.now_ns, made.ordinal = again, made.now_ns - NS_PER_DAY, made.ordinal - 1
    assert wish(made, direction=FLAT) == first


def test_silence_of_execution_gives_a_structure_back() -> None:
    """In lockstep an approval that no order answers within its instant was none."""
    made = desk(position_fraction=Decimal(1))
    wish(made, **at("3"))
    book = made.machine.state.book
    assert book.orders.count() == 2
    assert code(wish(made, direction=FLAT)) == Code.NOTHING_TO_CLOSE
    assert book.orders.by_id == {}
    assert book.free_cash() == 100_000
