"""Orders with legs: one order for a structure of options, from its verdict to its whole fill."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import (
    Fill,
    LegFilled,
    OrderLeg,
    OrderState,
    QueryOrder,
    ReplaceOrder,
    Side,
    TimeInForce,
    VenueExecution,
    VenueOrder,
    VenueReport,
    VenueReportKind,
)
from tidegate_contracts.market import Bar, OpenInterval
from tidegate_contracts.risk import GateLatch, GateLevel, Verdict
from tidegate_execution.core.capabilities import MULTI_LEG, VenueKind, Way, unsupported
from tidegate_execution.core.order_form import faults_of
from tidegate_execution.core.paper.parameters import FeeSchedule, MatchingRules
from tidegate_execution.core.reasons import Code
from tidegate_execution.testing import (
    DAY_0_NS,
    SessionRig,
    bar,
    instrument,
    published,
    raised,
    requested,
    specification,
    venue_parameters,
    verdict,
)
from tidegate_kernel.machine import Called, Replied
from tidegate_kernel.time import NS_PER_DAY

CALL, HIGHER = "AAPL271217C00200000", "AAPL271217C00210000"
SPREAD = (
    OrderLeg(symbol=CALL, side=Side.BUY, ratio=1),
    OrderLeg(symbol=HIGHER, side=Side.SELL, ratio=1),
)
CLOSING = (
    OrderLeg(symbol=CALL, side=Side.SELL, ratio=1),
    OrderLeg(symbol=HIGHER, side=Side.BUY, ratio=1),
)
RATIO = (SPREAD[0], OrderLeg(symbol=HIGHER, side=Side.SELL, ratio=2))
NEXT_NS = DAY_0_NS + NS_PER_DAY


def bars(day: int, first: tuple[str, str], second: tuple[str, str]) -> list[Bar]:
    """Return a day's bars of both calls, each from its open to its close."""
    return [
        bar(day, (opened, max(opened, closed), min(opened, closed), closed), symbol)
        for symbol, (opened, closed) in ((CALL, first), (HIGHER, second))
    ]


@dataclass
class LegsRig(SessionRig):
    """A session in two calls, which have closed at 5 and 2."""

    told: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Describe both options and their first day."""
        super().__post_init__()
        options = [
            instrument(each, lot_size=Decimal(100), min_quantity=Decimal(100), shortable=False)
            for each in (CALL, HIGHER)
        ]
        self.instant(NEXT_NS, [*options, *bars(0, ("5", "5"), ("2", "2"))])

    def held(self) -> dict[str, Decimal]:
        """Return what the venue holds."""
        return self.venue.book.holdings


def order(day: int = 1, ordinal: int = 0, **changes: object) -> Verdict:
    """Return an approval of two spreads at the market, made at the end of a day."""
    usual = {"legs": SPREAD, "quantity": Decimal(200), "time_in_force": TimeInForce.DAY}
    wanted: dict[str, Any] = {**usual, **changes}
    return verdict(DAY_0_NS + day * NS_PER_DAY, ordinal=ordinal, **wanted)


def filled(rig: SessionRig) -> list[tuple[str, Side, Decimal, Decimal]]:
    """Return what was booked: symbol, side, quantity, price."""
    return [(each.symbol, each.side, each.quantity, each.price) for each in rig.fills]


@pytest.mark.parametrize("venue", VenueKind)
def test_legs_are_refused_where_nobody_carries_them_out(venue: VenueKind) -> None:
    """No venue takes the underlying's order for the structure's."""
    found = unsupported(msgspec.structs.replace(specification("key"), legs=SPREAD), venue)
    assert (found == "") is (MULTI_LEG[venue] is not Way.REFUSED)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"legs": SPREAD[:1]}, "expected 2 to 4 legs, found 1"),
        ({"legs": SPREAD + CLOSING + SPREAD}, "expected 2 to 4 legs, found 6"),
        ({"legs": SPREAD + CLOSING}, f"expected each option in one leg, found {CALL}, {HIGHER}"),
        ({"legs": (SPREAD[0], OrderLeg(symbol="MSFT", side=Side.BUY, ratio=1))}, "found MSFT"),
        ({"symbol": "MSFT"}, "expected options on MSFT, found AAPL"),
        ({"legs": tuple(msgspec.structs.replace(e, ratio=2) for e in SPREAD)}, "divide by 2"),
        ({"legs": (SPREAD[0], OrderLeg(symbol=HIGHER, ratio=1))}, "side of each leg, found none"),
        ({"legs": (SPREAD[0], OrderLeg(symbol=HIGHER, side=Side.BUY))}, "ratios of 1 or more"),
        ({"side": Side.SELL}, "expected BUY of an order with legs, found SELL"),
        ({"time_in_force": TimeInForce.FOK}, "expected DAY or GTC"),
        ({"post_only": True, "limit_price": Decimal(1)}, "expected no post_only"),
        ({"oco_group": "pair"}, "expected no oco_group on an order with legs, found pair"),
        ({"stop_price": Decimal(1)}, "expected no stop_price"),
    ],
)
def test_what_is_no_structure_is_told(changes: dict[str, object], fault: str) -> None:
    """What was expected and what came."""
    made = specification("key", **{"legs": SPREAD, **changes})
    assert fault in "; ".join(faults_of(made, 0))


@pytest.mark.parametrize("net", ["-1.5", "0", "3"])
def test_a_net_price_has_any_sign(net: str) -> None:
    """A credit is below zero."""
    assert faults_of(specification("key", legs=SPREAD, limit_price=Decimal(net)), 0) == []


@pytest.mark.parametrize("restart_often", [False, True])
def test_a_structure_fills_whole_at_the_opens_of_its_legs(*, restart_often: bool) -> None:
    """Both legs in one event, each under its own symbol; restarts change nothing."""
    rig = LegsRig(restart_often=restart_often)
    rig.instant(NEXT_NS, [order()])
    rig.instant(NEXT_NS + NS_PER_DAY, bars(1, ("6", "7"), ("2.50", "3")))
    assert filled(rig) == [
        (CALL, Side.BUY, Decimal(200), Decimal(6)),
        (HIGHER, Side.SELL, Decimal(200), Decimal("2.5")),
    ]
    assert rig.held() == {CALL: Decimal(200), HIGHER: Decimal(-200)}
    assert rig.venue.book.cash == Decimal(100_000) - 200 * Decimal("3.5")
    last = rig.order_events[-1]
    assert (last.state, last.filled_quantity) == (OrderState.FILLED, Decimal(200))
    assert {each.filled_quantity for each in last.legs_filled} == {Decimal(200)}


def test_nothing_fills_before_every_leg_has_its_bar() -> None:
    """The price of one leg says nothing of the structure."""
    rig = LegsRig()
    rig.instant(NEXT_NS, [order()])
    first, second = bars(1, ("6", "6"), ("2", "2"))
    rig.instant(NEXT_NS + NS_PER_DAY, [first])
    assert rig.fills == []
    rig.instant(NEXT_NS + NS_PER_DAY, [second])
    assert len(rig.fills) == 2


@pytest.mark.parametrize(
    ("limit", "prices"), [("3.50", ("6", "2.50")), ("3.00", ("5", "2")), ("2.99", None)]
)
def test_a_net_limit_is_judged_at_opens_then_at_closes(
    limit: str, prices: tuple[str, str] | None
) -> None:
    """Those are prices of one moment; highs and lows of two options are not."""
    rig = LegsRig()
    rig.instant(NEXT_NS, [order(limit_price=Decimal(limit))])
    rig.instant(NEXT_NS + NS_PER_DAY, bars(1, ("6", "5"), ("2.50", "2")))
    expected = [] if prices is None else [Decimal(each) for each in prices]
    assert [each.price for each in rig.fills] == expected
    if prices is None:
        assert rig.order_events[-1].state is OrderState.EXPIRED


def test_an_order_that_comes_late_finds_the_bars_that_it_missed() -> None:
    """Lateness by the wall's time does not change what it fills at."""
    rig = LegsRig()
    rig.instant(NEXT_NS + NS_PER_DAY, bars(1, ("6", "7"), ("2.50", "3")))
    rig.instant(NEXT_NS + NS_PER_DAY, [order()])
    assert [each.price for each in rig.fills] == [Decimal(6), Decimal("2.5")]


def test_costs_are_those_of_every_leg() -> None:
    """Slippage worsens each leg, and each contract pays its fee."""
    settings = venue_parameters(
        rules=MatchingRules(slippage_bps=Decimal(100)),
        fees=FeeSchedule(fee_per_unit=Decimal("0.005"), order_fee_min=Decimal(3)),
    )
    rig = LegsRig(venue_settings=settings)
    rig.instant(NEXT_NS, [order()])
    rig.instant(NEXT_NS + NS_PER_DAY, bars(1, ("6", "6"), ("2", "2")))
    assert [each.price for each in rig.fills] == [Decimal("6.06"), Decimal("1.98")]
    assert sum(each.fee for each in rig.fills) == Decimal(3)


def test_the_thinnest_leg_bounds_a_part_of_the_structures() -> None:
    """With a share of the volume, whole structures fill and the rest waits."""
    rig = LegsRig(venue_settings=venue_parameters(rules=MatchingRules(volume_share=Decimal("0.1"))))
    rig.instant(NEXT_NS, [order(time_in_force=TimeInForce.GTC)])
    first, second = bars(1, ("6", "6"), ("2", "2"))
    thin = msgspec.structs.replace(second, volume=1_900)
    rig.instant(NEXT_NS + NS_PER_DAY, [first, thin])
    assert rig.states()[-1] == "PARTIALLY_FILLED"
    assert rig.order_events[-1].filled_quantity == Decimal(100)
    rig.instant(NEXT_NS + 2 * NS_PER_DAY, bars(2, ("6", "6"), ("2", "2")))
    assert rig.states()[-1] == "FILLED"


@pytest.mark.parametrize(
    ("cash", "legs", "code"),
    [
        # Bought at 3: that is all it can lose. Sold at 3 with strikes 10 apart: 7.
        (Decimal(599), SPREAD, "INSUFFICIENT_CASH"),
        (Decimal(600), SPREAD, ""),
        (Decimal(1399), CLOSING, "INSUFFICIENT_CASH"),
        (Decimal(1400), CLOSING, ""),
        (Decimal(100_000), RATIO, "SHORT_NOT_ALLOWED"),
    ],
)
def test_what_it_can_lose_must_be_there(
    cash: Decimal, legs: tuple[OrderLeg, ...], code: str
) -> None:
    """The venue keeps the largest loss at the expiry back, to the cent."""
    rig = LegsRig(venue_settings=venue_parameters(cash=cash))
    rig.instant(NEXT_NS, [order(legs=legs)])
    assert rig.order_events[-1].reason_code == code
    assert rig.order_events[-1].state is (OrderState.REJECTED if code else OrderState.WORKING)


def test_closing_takes_the_structures_that_all_legs_hold() -> None:
    """It never turns a leg around, and ends when nothing is held."""
    rig = LegsRig()
    rig.instant(NEXT_NS, [order()])
    rig.instant(NEXT_NS + NS_PER_DAY, bars(1, ("6", "6"), ("2", "2")))
    closing = order(2, legs=CLOSING, quantity=Decimal(500), reduce_only=True)
    rig.instant(NEXT_NS + NS_PER_DAY, [msgspec.structs.replace(closing, exact=True)])
    rig.instant(NEXT_NS + 2 * NS_PER_DAY, bars(2, ("8", "8"), ("3", "3")))
    assert rig.held() == {}
    assert rig.order_events[-1].specification.quantity == Decimal(200)
    again = order(3, legs=CLOSING, reduce_only=True)
    rig.instant(NEXT_NS + 2 * NS_PER_DAY, [msgspec.structs.replace(again, exact=True)])
    assert rig.order_events[-1].reason_code == Code.NOTHING_TO_CLOSE


@pytest.mark.parametrize("scope", ["all", "symbol:AAPL", f"symbol:{HIGHER}"])
def test_a_raised_gate_cancels_the_structure(scope: str) -> None:
    """Its scopes are those of its underlying and of every leg."""
    rig = LegsRig()
    rig.instant(NEXT_NS, [order(limit_price=Decimal(1))])
    rig.instant(NEXT_NS, [raised(GateLevel.HALTED, scope=scope)])
    assert rig.order_events[-1].state is OrderState.CANCELLED
    assert rig.venue.book.structures == []
    rig.instant(NEXT_NS, [order(ordinal=1)])
    assert rig.order_events[-1].reason_code in (Code.GATE_CLOSED, Code.GATE_EPOCH_STALE)


def test_a_structure_is_not_replaced() -> None:
    """It is cancelled and placed anew, by its name."""
    rig = LegsRig()
    rig.instant(NEXT_NS, [order(limit_price=Decimal(1))])
    identity = rig.order_events[-1].specification.client_order_id
    command = ReplaceOrder(client_order_id=identity, limit_price=Decimal(1), principal="p")
    rig.instant(NEXT_NS, [Called("c", command)])
    assert getattr(rig.answers["c"], "code", "") == "ORDER_HAS_LEGS"


@pytest.mark.parametrize("closed", [CALL, HIGHER])
def test_nothing_fills_while_a_leg_is_closed(closed: str) -> None:
    """A bar outside of the hours of one leg is no price of the structure."""
    rig = LegsRig()
    opens = OpenInterval(
        opens_at_ns=NEXT_NS + NS_PER_DAY, closes_at_ns=NEXT_NS + NS_PER_DAY + NS_PER_DAY // 2
    )
    listed = msgspec.structs.replace(
        rig.venue.book.instruments[f"XNAS|{closed}"], open_intervals=(opens,)
    )
    rig.instant(NEXT_NS, [listed, order()])
    rig.instant(NEXT_NS + NS_PER_DAY, bars(1, ("6", "6"), ("2", "2")))
    assert rig.fills == []
    rig.instant(NEXT_NS + 2 * NS_PER_DAY, bars(2, ("6", "6"), ("2", "2")))
    assert len(rig.fills) == 2


# --- a venue that reports leg by leg ----------------------------------------------------------


def sent() -> tuple[SessionRig, str]:
    """Return a session whose venue holds two spreads open, and the order's id."""
    rig = LegsRig()
    rig.instant(NEXT_NS, [order(limit_price=Decimal(1))])
    return rig, rig.order_events[-1].specification.client_order_id


def execution(number: int, symbol: str, quantity: int) -> VenueExecution:
    """Return an execution of a leg."""
    return VenueExecution(
        execution_id=f"x{number}",
        symbol=symbol,
        quantity=Decimal(quantity),
        price=Decimal(2),
        event_at_ns=NEXT_NS,
    )


def report(identity: str, kind: VenueReportKind, **changes: object) -> VenueReport:
    """Return a report of the venue."""
    usual = {"client_order_id": identity, "kind": kind, "event_at_ns": NEXT_NS}
    return VenueReport(**{**usual, **changes})  # type: ignore[arg-type]


def found(identity: str, state: OrderState, *executions: VenueExecution) -> VenueOrder:
    """Return the venue's whole knowledge."""
    counted = {CALL: Decimal(0), HIGHER: Decimal(0)}
    for each in executions:
        counted[each.symbol] += each.quantity
    return VenueOrder(
        client_order_id=identity,
        found=True,
        state=state,
        executions=executions,
        filled_quantity=min(counted.values()),
        legs_filled=tuple(LegFilled(symbol=k, filled_quantity=v) for k, v in counted.items()),
        event_at_ns=NEXT_NS,
    )


def test_a_leg_that_came_twice_is_booked_once_and_the_least_leg_counts() -> None:
    """The parent's filled quantity is that of whole structures."""
    rig, identity = sent()
    machine = rig.execution
    for number, symbol, whole in ((1, CALL, 0), (1, CALL, 0), (2, HIGHER, 100)):
        told = report(identity, VenueReportKind.FILLED, execution=execution(number, symbol, 100))
        machine.handle(told, NEXT_NS)
        known = machine._state.orders[identity]
        assert known.filled_quantity == whole
    assert machine._state.holdings["ema"] == {CALL: Decimal(100), HIGHER: Decimal(-100)}


def test_an_order_that_ends_uneven_is_asked_about_and_then_halts() -> None:
    """Before it is said to be incomplete, the venue's whole knowledge is asked for."""
    rig, identity = sent()
    machine, one = rig.execution, execution(1, CALL, 100)
    machine.handle(report(identity, VenueReportKind.FILLED, execution=one), NEXT_NS)
    effects = machine.handle(report(identity, VenueReportKind.CANCELLED), NEXT_NS)
    (question,) = requested(effects, QueryOrder)
    assert machine._state.orders[identity].state is OrderState.PARTIALLY_FILLED
    answer = found(identity, OrderState.CANCELLED, one)
    effects = machine.handle(Replied("venue", question, answer), NEXT_NS)
    ended = machine._state.closed[identity]
    assert ended.state is OrderState.CANCELLED
    (latch,) = published(effects, GateLatch)
    assert isinstance(latch, GateLatch)
    assert latch.reason.startswith(f"{Code.STRUCTURE_INCOMPLETE}: expected whole structures")


def test_a_leg_that_was_missed_is_found_by_asking() -> None:
    """Then the structure is whole, and nothing is halted."""
    rig, identity = sent()
    machine, one, two = rig.execution, execution(1, CALL, 200), execution(2, HIGHER, 200)
    machine.handle(report(identity, VenueReportKind.FILLED, execution=one), NEXT_NS)
    counted = (LegFilled(symbol=HIGHER, filled_quantity=Decimal(200)),)
    told = report(identity, VenueReportKind.FILLED, legs_filled=counted)
    (question,) = requested(machine.handle(told, NEXT_NS), QueryOrder)
    answer = found(identity, OrderState.FILLED, one, two)
    effects = machine.handle(Replied("venue", question, answer), NEXT_NS)
    assert machine._state.closed[identity].state is OrderState.FILLED
    assert [each.symbol for each in published(effects, Fill) if isinstance(each, Fill)] == [HIGHER]
    assert published(effects, GateLatch) == []


def test_an_execution_of_something_else_contradicts_the_order() -> None:
    """It is no money of this order, and the account is halted."""
    rig, identity = sent()
    told = report(identity, VenueReportKind.FILLED, execution=execution(1, "AAPL", 100))
    effects = rig.execution.handle(told, NEXT_NS)
    assert published(effects, Fill) == []
    assert len(published(effects, GateLatch)) == 1


@settings(max_examples=40, deadline=None)
@given(
    st.permutations([(CALL, 1), (CALL, 2), (HIGHER, 3), (HIGHER, 4)]),
    st.lists(st.integers(0, 3), max_size=6),
    st.booleans(),
)
def test_executions_of_legs_are_booked_once_in_any_order(
    order_of: list[tuple[str, int]],
    repeated: list[int],
    restarted: bool,  # noqa: FBT001 - hypothesis names it
) -> None:
    """Repeated, reordered, over restarts: the books hold each once, and then it is whole."""
    rig, identity = sent()
    told = [execution(number, symbol, 100) for symbol, number in order_of]
    for each in [*told[:2], *(told[n] for n in repeated), *told]:
        if restarted:
            rig.restart()
        rig.execution.handle(report(identity, VenueReportKind.FILLED, execution=each), NEXT_NS)
    known = rig.execution._state.closed[identity]
    assert (known.state, known.filled_quantity) == (OrderState.FILLED, Decimal(200))
    assert rig.execution._state.holdings["ema"] == {CALL: Decimal(200), HIGHER: Decimal(-200)}
    assert sorted(known.execution_ids) == ["x1", "x2", "x3", "x4"]
