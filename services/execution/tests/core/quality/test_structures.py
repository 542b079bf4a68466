"""Orders with legs are measured as structures at their net price, by hand and by property."""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from tidegate_chassis.host.definition import Row
from tidegate_contracts.execution import OrderLeg, Side, TimeInForce
from tidegate_execution.adapters.projection import project
from tidegate_execution.adapters.quality import ended_of_rows
from tidegate_execution.core.paper.parameters import FeeSchedule, MatchingRules
from tidegate_execution.core.quality.ended import Ended, ended_of
from tidegate_execution.core.quality.executed import Executed
from tidegate_execution.core.quality.measures import seconds_to_fill
from tidegate_execution.core.quality.structures import structures_of
from tidegate_execution.core.quality.summary import Quality, tally_of
from tidegate_execution.testing import (
    DAY_0_NS,
    SessionRig,
    bar,
    instrument,
    venue_parameters,
    verdict,
)
from tidegate_kernel.money import ZERO
from tidegate_kernel.structures import Leg
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND

if TYPE_CHECKING:
    from tidegate_contracts.execution import Fill

LOW, HIGH = "AAPL271217C00200000", "AAPL271217C00210000"
SPREAD = (Leg(LOW, 1, 1), Leg(HIGH, -1, 1))
D = Decimal
NEXT_NS = DAY_0_NS + NS_PER_DAY


def leg(symbol: str, quantity: int, price: str, at_s: int) -> tuple[str, Executed]:
    """Return an execution of a leg that cost a fee of 1."""
    return symbol, Executed(D(quantity), D(price), D(1), at_s * NS_PER_SECOND)


FILLED = (leg(LOW, 100, "5.1", 1), leg(HIGH, 100, "2.0", 3), leg(LOW, 100, "5.3", 4))
"""One spread at 3.10, whole after 3 s, and a leg of another whose second leg never came."""


def ordered(executions: tuple[tuple[str, Executed], ...]) -> Ended:
    """Return an order for two spreads at 3 that was given up at 3.50."""
    return Ended(
        session="demo",
        venue="paper",
        strategy="manual",
        sign=1,
        is_market=True,
        quantity=D(200),
        arrival_price=D(3),
        closing_price=D("3.5"),
        decided_at_ns=0,
        sent=True,
        rejected=False,
        is_structure=True,
        executions=structures_of(SPREAD, executions),
    )


def test_a_spread_by_hand() -> None:
    """100 × 0.10 more than at arrival, two fees of 1, and 100 × 0.50 missed, of two structures."""
    made = ordered(FILLED)
    assert made.executions == (Executed(D(100), D("3.1"), D(2), 3 * NS_PER_SECOND),)
    quality = tally_of([made]).quality(ZERO)
    assert (quality.orders, quality.sent, quality.structures) == (1, 1, 1)
    assert (quality.structure_fill_ratio, quality.structure_seconds_to_fill) == ("0.5", "3")
    assert quality.structure_arrival_value == "600"
    assert (quality.structure_shortfall, quality.structure_shortfall_each) == ("62", "31")


def test_structures_stay_out_of_ratios_of_value() -> None:
    """A net price may be 0 or below: what is weighted by value knows orders of one price only."""
    quality = tally_of([ordered(FILLED)]).quality(ZERO)
    assert (quality.shortfall, quality.shortfall_bps, quality.fill_ratio) == ("0", None, None)
    assert (quality.seconds_to_fill, quality.slippage_bps) == (None, None)
    assert (quality.rejected, quality.reject_rate) == (0, "0")
    without: Quality = tally_of([]).quality(ZERO)
    assert (without.structures, without.structure_shortfall_each) == (0, None)


def test_nothing_whole_is_nothing_executed() -> None:
    """Legs that make no structure have no net price."""
    made = ordered((leg(LOW, 200, "5", 1),))
    assert made.executions == ()
    assert seconds_to_fill(made) is None


@settings(max_examples=60)
@given(
    ratios=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    structures=st.integers(1, 6),
    places=st.data(),
)
def test_however_legs_come_the_whole_costs_the_same(
    ratios: tuple[int, int], structures: int, places: st.DataObject
) -> None:
    """Cash and fees of all executions are those of the structures, and none is told too early."""
    legs = (Leg(LOW, 1, ratios[0]), Leg(HIGH, -1, ratios[1]))
    executions: list[tuple[str, Executed]] = []
    for each in legs:
        contracts = structures * each.ratio
        cuts = places.draw(st.lists(st.integers(1, contracts), max_size=4, unique=True))
        ends = sorted({*cuts, contracts})
        for size in (b - a for a, b in zip([0, *ends], ends, strict=False)):
            price, at_s = places.draw(st.integers(1, 900)), places.draw(st.integers(0, 9))
            executions.append(leg(each.symbol, size * 100, str(D(price) / 100), at_s))
    signs = {each.symbol: each.sign for each in legs}
    whole = structures_of(legs, executions)
    paid = sum((signs[s] * e.quantity * e.price for s, e in executions), ZERO)
    cost = sum((each.quantity * each.price for each in whole), ZERO)
    assert sum(each.quantity for each in whole) == structures * 100
    assert abs(cost - paid) < D("1e-9")
    assert abs(sum((e.fee for e in whole), ZERO) - len(executions)) < D("1e-9")
    last_ns = max(each.event_at_ns for _, each in executions)
    assert whole[-1].event_at_ns == last_ns
    assert list(accumulate((e.event_at_ns for e in whole), max)) == [e.event_at_ns for e in whole]


@pytest.mark.parametrize("fee_bps", ["0", "10"])
def test_rows_and_messages_say_the_same(fee_bps: str) -> None:
    """What `/v1/quality` reads and what a backtest reads become one order."""
    rules = MatchingRules(slippage_bps=D(5))
    fees = FeeSchedule(maker_bps=D(fee_bps), taker_bps=D(fee_bps))
    rig = SessionRig(venue_settings=venue_parameters(rules=rules, fees=fees))
    lots = {"lot_size": D(100), "min_quantity": D(100), "shortable": False}
    options = [instrument(each, **lots) for each in (LOW, HIGH)]
    first = [bar(0, (at, at, at, at), symbol) for symbol, at in ((LOW, "5"), (HIGH, "2"))]
    rig.instant(NEXT_NS, [*options, *first])
    legs = (
        OrderLeg(symbol=LOW, side=Side.BUY, ratio=1),
        OrderLeg(symbol=HIGH, side=Side.SELL, ratio=1),
    )
    wanted = verdict(NEXT_NS, legs=legs, quantity=D(200), time_in_force=TimeInForce.DAY)
    rig.instant(NEXT_NS, [wanted])
    second = [bar(1, (at, at, at, at), symbol) for symbol, at in ((LOW, "6"), (HIGH, "2"))]
    rig.instant(NEXT_NS + NS_PER_DAY, second)
    fills: list[Fill] = rig.fills
    ended = ended_of(rig.order_events[-1], fills)
    projected = [project(each)[0] for each in (rig.order_events[-1], *fills)]
    row, *rows = [each.document for each in projected if isinstance(each, Row)]
    assert ended_of_rows(row, rows) == ended
    assert (ended.is_structure, ended.filled, ended.arrival_price) == (True, D(200), D(3))
    net = fills[0].price - fills[1].price
    quality = tally_of([ended]).quality(ZERO)
    fee = sum((fill.fee for fill in fills), ZERO)
    assert D(quality.structure_shortfall) == 200 * (net - 3) + fee
