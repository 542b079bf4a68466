"""FLATTENING closes all that is held in its scope, nothing else, and turns no position around."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import OrderState, Side
from tidegate_contracts.market import Bar
from tidegate_contracts.risk import BreakerEvent, BreakerState, GateLevel
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.core.paper.parameters import MatchingRules
from tidegate_execution.core.state import ExecutionState
from tidegate_execution.testing import (
    DAY_0_NS,
    SessionRig,
    bar,
    instrument,
    lowered,
    raised,
    venue_parameters,
    verdict,
)
from tidegate_kernel.money import use_money_context
from tidegate_kernel.time import NS_PER_DAY

FLAT = (100, 101, 99, 100)
SYMBOLS = ("AAPL", "MSFT")
STRATEGIES = ("ema", "other")


def at(day: int) -> int:
    """Return the instant at which the bar of a day is known."""
    return DAY_0_NS + (day + 1) * NS_PER_DAY


def bars(day: int, volume: int = 1_000_000) -> list[Bar]:
    """Return a day's bars of all symbols."""
    return [bar(day, FLAT, symbol, volume=volume) for symbol in SYMBOLS]


def closings(rig: SessionRig) -> list[tuple[str, str, int]]:
    """Return the gate's own fills: strategy, symbol, signed quantity."""
    return [
        (fill.strategy, fill.symbol, int(fill.quantity) * (1 if fill.side == Side.BUY else -1))
        for fill in rig.fills
        if not fill.signal_key
    ]


def begun(*, restart_often: bool = False) -> SessionRig:
    """Return a session in which both strategies hold both symbols: 10 and 5 of each."""
    rig = SessionRig(restart_often=restart_often)
    shortable = [instrument(symbol, shortable=True) for symbol in SYMBOLS]
    rig.instant(at(0), [*shortable, *bars(0)])
    entries = [
        verdict(at(0), strategy=strategy, symbol=symbol, quantity=Decimal(quantity))
        for strategy, quantity in zip(STRATEGIES, (10, 5), strict=True)
        for symbol in SYMBOLS
    ]
    rig.instant(at(0), entries)
    rig.instant(at(1), bars(1))
    assert rig.venue.book.holdings == dict.fromkeys(SYMBOLS, Decimal(15))
    return rig


def thin(rig: SessionRig) -> None:
    """Let the venue fill a tenth of a bar's volume from now on."""
    rig.venue_settings = venue_parameters(rules=MatchingRules(volume_share=Decimal("0.1")))
    rig.restart()


@pytest.mark.parametrize("restart_often", [False, True])
@pytest.mark.parametrize(
    ("scope", "closed"),
    [
        ("all", {("ema", "AAPL"), ("ema", "MSFT"), ("other", "AAPL"), ("other", "MSFT")}),
        ("account:demo", {("ema", "AAPL"), ("ema", "MSFT"), ("other", "AAPL"), ("other", "MSFT")}),
        ("account:else", set()),
        ("strategy:demo/other", {("other", "AAPL"), ("other", "MSFT")}),
        ("symbol:MSFT", {("ema", "MSFT"), ("other", "MSFT")}),
        ("instrument:demo/AAPL", {("ema", "AAPL"), ("other", "AAPL")}),
    ],
)
def test_a_scope_is_closed_and_the_others_are_left(
    scope: str, closed: set[tuple[str, str]], *, restart_often: bool
) -> None:
    """Each holding by an order of its own, in its strategy's name; restarts change nothing."""
    rig = begun(restart_often=restart_often)
    rig.instant(at(1), [raised(GateLevel.FLATTENING, scope=scope)])
    assert rig.execution.confirmation().holdings_to_close == len(closed)
    rig.instant(at(2), bars(2))
    rig.instant(at(3), bars(3))
    quantity = dict(zip(STRATEGIES, (-10, -5), strict=True))
    assert sorted(closings(rig)) == sorted((s, y, quantity[s]) for s, y in closed)
    left = rig.venue.book.holdings
    expected = {
        symbol: 15 + sum(quantity[s] for s, y in closed if y == symbol) for symbol in SYMBOLS
    }
    assert {symbol: int(left.get(symbol, 0)) for symbol in SYMBOLS} == expected
    assert rig.execution.confirmation().holdings_to_close == 0


def test_resting_orders_are_cancelled_first() -> None:
    """Nothing is closed before the venue shows that no entry can fill behind it."""
    rig = begun()
    rig.instant(at(1), [verdict(at(1), limit_price=Decimal(90))])
    rig.instant(at(1), [raised(GateLevel.FLATTENING)])
    events = [(e.state, e.signal_key != "") for e in rig.order_events]
    assert events.index((OrderState.CANCELLED, True)) < events.index((OrderState.PENDING, False))
    confirmed = rig.execution.confirmation()
    assert (confirmed.open_orders, confirmed.closing_orders) == (0, 4)


def test_what_a_closing_order_leaves_is_closed_by_the_next() -> None:
    """The venue gives up an order that has filled in part: only the rest is sold."""
    rig = begun()
    thin(rig)
    rig.instant(at(1), [raised(GateLevel.FLATTENING, scope="instrument:demo/AAPL")])
    rig.instant(at(2), bars(2, volume=30))
    partly = [e for e in rig.order_events if e.state == OrderState.PARTIALLY_FILLED]
    assert partly
    order = partly[0].specification
    assert order is not None
    rig.cancel_at_venue(order, at(2))
    assert rig.execution.confirmation().holdings_to_close > 0
    for day in range(3, 9):
        rig.instant(at(day), bars(day, volume=60))
    assert sum(quantity for _, _, quantity in closings(rig)) == -15
    assert rig.venue.book.holdings == {"MSFT": Decimal(15)}


def test_a_strategy_is_closed_under_a_wider_halt() -> None:
    """An order obeys the worst of its scopes: HALTED around it does not keep it from closing."""
    rig = begun()
    rig.instant(at(1), [raised(GateLevel.HALTED, scope="session:demo")])
    rig.instant(at(1), [raised(GateLevel.FLATTENING, epoch=2, scope="strategy:demo/ema")])
    rig.instant(at(2), bars(2))
    assert {strategy for strategy, _, _ in closings(rig)} == {"ema"}
    assert rig.venue.book.holdings == dict.fromkeys(SYMBOLS, Decimal(5))


def test_locked_stops_the_closing() -> None:
    """LOCKED is worse than FLATTENING: what is under way is cancelled, nothing more is sent."""
    rig = begun()
    rig.instant(at(1), [raised(GateLevel.FLATTENING)])
    rig.instant(at(1), [raised(GateLevel.LOCKED, epoch=2)])
    rig.instant(at(2), bars(2))
    assert closings(rig) == []
    assert rig.execution.confirmation().closing_orders == 0


def test_a_lowering_to_halted_ends_it_half_way() -> None:
    """What was closed stays closed; the rest is kept."""
    rig = begun()
    thin(rig)
    rig.instant(at(1), [raised(GateLevel.FLATTENING)])
    rig.instant(at(2), bars(2, volume=20))
    closed = closings(rig)
    assert closed
    rig.instant(at(2), [lowered(GateLevel.HALTED)])
    rig.instant(at(3), bars(3))
    assert closings(rig) == closed
    assert rig.execution.confirmation().holdings_to_close == 0


def test_a_breaker_may_flatten_its_scope() -> None:
    """A breaker that holds FLATTENING closes as a person's raise does."""
    rig = begun()
    tripped = BreakerEvent(
        session="demo",
        account="demo",
        breaker="drawdown",
        scope="session:demo",
        state=BreakerState.TRIPPED,
        level=GateLevel.FLATTENING,
        trip=1,
    )
    rig.instant(at(1), [tripped])
    rig.instant(at(2), bars(2))
    assert rig.venue.book.holdings == {}


def test_what_arrives_late_in_a_flat_scope_is_closed_too() -> None:
    """The sweep has ended; an execution of an old order then brings a holding."""
    rig = begun()
    rig.instant(at(1), [raised(GateLevel.FLATTENING)])
    for day in (2, 3, 4):
        rig.instant(at(day), bars(day))
    assert rig.venue.book.holdings == {}
    state = msgspec.msgpack.decode(rig.execution.snapshot(), type=ExecutionState)
    state.holdings = {"ema": {"AAPL": Decimal(4)}}
    rig.execution = ExecutionMachine(rig.parameters, state)
    rig.venue.book.holdings["AAPL"] = Decimal(4)
    rig.instant(at(5), [*bars(5), raised(GateLevel.REDUCE_ONLY, epoch=2, scope="venue:else")])
    for day in (6, 7):
        rig.instant(at(day), bars(day))
    assert closings(rig)[-1] == ("ema", "AAPL", -4)
    assert rig.venue.book.holdings == {}


held = st.integers(min_value=-12, max_value=12)


@settings(max_examples=60, deadline=None)
@given(
    quantities=st.tuples(held, held),
    whole=st.booleans(),
    volumes=st.lists(st.integers(min_value=0, max_value=90), min_size=3, max_size=8),
)
def test_no_position_is_ever_turned_around(
    quantities: tuple[int, int], *, whole: bool, volumes: list[int]
) -> None:
    """Whatever strategies hold, also against each other, and however thin the market is."""
    use_money_context()
    rig = SessionRig()
    rig.instant(at(0), [instrument(shortable=True), bar(0, FLAT)])
    entries = [
        verdict(
            at(0),
            strategy=strategy,
            quantity=Decimal(abs(quantity)),
            side=Side.BUY if quantity > 0 else Side.SELL,
        )
        for strategy, quantity in zip(STRATEGIES, quantities, strict=True)
        if quantity
    ]
    rig.instant(at(0), entries)
    rig.instant(at(1), [bar(1, FLAT)])
    thin(rig)
    before = rig.venue.book.held("AAPL")
    assert before == sum(quantities)
    scope = "all" if whole else "strategy:demo/ema"
    rig.instant(at(1), [raised(GateLevel.FLATTENING, scope=scope)])
    for day, volume in enumerate([*volumes, 10_000, 10_000, 10_000], start=2):
        rig.instant(at(day), [bar(day, FLAT, volume=volume)])
        assert 0 <= rig.venue.book.held("AAPL") * (1 if before >= 0 else -1) <= abs(before)
    after = rig.venue.book.held("AAPL")
    assert rig.execution.confirmation().holdings_to_close == 0
    if whole:
        assert after == 0
    elif quantities[0] * before > 0:
        assert before - after == (min if before > 0 else max)(quantities[0], before)
    else:
        assert after == before
