"""Columns: a venue that passes over bars ends where one that handles each of them does."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import numpy as np
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import OrderType, Side, SubmitOrder, TimeInForce
from tidegate_contracts.frame import Frame
from tidegate_contracts.market import Instrument, OpenInterval, OptionRight, OptionTerms
from tidegate_execution.core.paper.carry.parameters import CarryRules
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.core.paper.parameters import MatchingRules
from tidegate_execution.testing import DAY_0_NS, FEED, instrument, specification, venue_parameters
from tidegate_kernel.machine import Called
from tidegate_kernel.time import NS_PER_DAY

from .drawing import BAR_NS, CARRY, HOUR_NS, RULES, SHARES, orders

AAPL, MSFT = instrument(), instrument("MSFT")


def hours(opens: int, closes: int) -> tuple[OpenInterval, ...]:
    """Return the same hours of every day."""
    days = range(DAY_0_NS, DAY_0_NS + 12 * NS_PER_DAY, NS_PER_DAY)
    return tuple(
        OpenInterval(opens_at_ns=day + opens * HOUR_NS, closes_at_ns=day + closes * HOUR_NS)
        for day in days
    )


WITH_HOURS = instrument(open_intervals=hours(8, 12), extended_intervals=hours(6, 20))
"""Of the four bars of a day the second is of the regular session, the first of the night."""
RESTING = (TimeInForce.DAY, TimeInForce.GTC)
STEPS = st.lists(
    st.tuples(*4 * [st.integers(-150, 150)], st.integers(0, 5)), min_size=8, max_size=40
)


def frame_of(
    steps: list[tuple[int, int, int, int, int]],
    other: Instrument = MSFT,
    share: Instrument = AAPL,
) -> Frame:
    """Return the bars of two symbols: steps of open and close, room above and below, and gaps."""
    closes, rows = [10_000, 10_000], []
    for number, (gap, step, above, below, missing) in enumerate(steps):
        for code in range(2):
            if missing == code + 1:
                continue
            opened = closes[code] + gap * (1 - 2 * code)
            closes[code] = closed = opened + step
            high, low = max(opened, closed) + abs(above), min(opened, closed) - abs(below)
            start_ns = DAY_0_NS + number * BAR_NS
            rows.append((code, start_ns, opened, high, low, closed, abs(gap)))
    columns = np.array(rows, np.int64).reshape(len(rows), 7)
    codes = np.ascontiguousarray(columns[:, 0], np.int32)
    instruments: tuple[Instrument, ...] = (share, other)
    return Frame(FEED, BAR_NS, instruments, codes, np.ascontiguousarray(columns[:, 1:].T))


@settings(max_examples=150, deadline=None)
@given(
    steps=STEPS,
    rules_and_share=st.tuples(RULES, SHARES),
    ahead=st.integers(1, 20),
    placed=st.lists(st.tuples(orders(0), st.booleans()), min_size=1, max_size=8),
    world=st.tuples(
        st.just(CarryRules()) | CARRY,
        st.sampled_from(OptionRight),
        st.sampled_from([AAPL, WITH_HOURS]),
    ),
)
def test_passing_over_bars_equals_handling_each(
    steps: list[tuple[int, int, int, int, int]],
    rules_and_share: tuple[MatchingRules, Decimal],
    ahead: int,
    placed: list[tuple[SubmitOrder, bool]],
    world: tuple[CarryRules, OptionRight, Instrument],
) -> None:
    """Orders of every kind, however far the venue looks: the same effects and the same state.

    So too where holding costs, where the second symbol is an option that ends midway, and where the
    first has hours, which some orders are not bound to.
    """
    (rules, share), (carry, right, share_of) = rules_and_share, world
    other = MSFT if right == OptionRight.UNSPECIFIED else _option(right)
    frame, waiting = frame_of(steps, other, share_of), list(_named(placed))
    if share_of is WITH_HOURS:
        waiting = [_around(each) for each in waiting]
    told = venue_parameters(
        rules=msgspec.structs.replace(rules, volume_share=share),
        negative_cash_allowed=True,
        carry=msgspec.structs.replace(carry, options_expire=other is not MSFT),
    )
    plain, looking = (PaperVenueMachine.restore(told, None) for _ in range(2))
    for each in frame.instruments:
        plain.handle(each, 0)
        looking.handle(each, 0)
    row = 0
    while row < len(frame):
        now_ns = frame.end_ns(row) - BAR_NS
        due = [each for each in waiting if each.caused_at_ns <= now_ns]
        waiting = [each for each in waiting if each.caused_at_ns > now_ns]
        for order in due:
            call = Called(order.specification.client_order_id, order)
            assert plain.handle(call, now_ns) == looking.handle(call, now_ns)
        last = frame.instant_of(min(row + ahead, len(frame)))
        last = max(last, frame.instant_after(row))
        if waiting:
            last = min(last, max(frame.row_at(waiting[0].caused_at_ns + 1), row + 1))
        stop = looking.scan(frame, row, last)
        said = [plain.handle(bar, bar.end_ns) for bar in frame.bars(row, stop)]
        assert not any(said)
        looking.advance(frame, row, stop)
        row = stop
        for bar in frame.bars(stop, min(stop + 1, last)):
            assert plain.handle(bar, bar.end_ns) == looking.handle(bar, bar.end_ns)
            row += 1
    assert looking.snapshot() == plain.snapshot()


def _option(right: OptionRight) -> Instrument:
    """Return an option on the first symbol that ends inside a bar of the second day."""
    terms = OptionTerms(
        underlying="AAPL",
        right=right,
        strike=Decimal(100),
        expires_at_ns=DAY_0_NS + 32 * HOUR_NS,
    )
    return instrument("MSFT", option=terms)


def _named(placed: list[tuple[SubmitOrder, bool]]) -> list[SubmitOrder]:
    """Give the drawn orders ids and symbols of their own; those caused first come first."""
    named = []
    for number, (order, is_other) in enumerate(placed):
        changes = {"client_order_id": f"tg-{number}", "symbol": "MSFT" if is_other else "AAPL"}
        made = msgspec.structs.replace(order.specification, **changes)
        named.append(msgspec.structs.replace(order, specification=made))
    return sorted(named, key=lambda each: each.caused_at_ns)


def _around(order: SubmitOrder) -> SubmitOrder:
    """Let every other limit order of the first symbol work in extended hours, if it may."""
    made = order.specification
    able = made.order_type == OrderType.LIMIT and made.time_in_force in RESTING
    chosen = able and made.symbol == "AAPL" and int(made.client_order_id[3:]) % 2 == 0
    changed = msgspec.structs.replace(made, extended_hours=chosen)
    return msgspec.structs.replace(order, specification=changed)


def test_a_trailing_stop_is_passed_over_until_it_may_be_triggered() -> None:
    """A long rise moves the trigger and needs no bar by itself; the fall is found exactly."""
    steps = [(0, 30, 5, 5, 0)] * 300 + [(0, -30, 5, 5, 0)] * 10
    frame = frame_of(steps)
    venue = PaperVenueMachine.restore(venue_parameters(), None)
    for each in frame.instruments:
        venue.handle(each, 0)
    [order] = _named([(_trailing(), False)])
    venue.handle(frame.bar(0), 0)
    venue.handle(frame.bar(1), 0)
    venue.handle(Called("t", order), 0)
    began = venue.scan(frame, 2, len(frame))
    assert frame.bar(began).symbol == "AAPL"
    venue.handle(frame.bar(began), 0)
    found = venue.scan(frame, began + 1, len(frame))
    venue.advance(frame, began + 1, found)
    assert frame.bar(found).start_ns == DAY_0_NS + 301 * BAR_NS
    assert venue.handle(frame.bar(found), 0)


def _trailing() -> SubmitOrder:
    made = specification(
        "trailing",
        order_type=OrderType.TRAILING_STOP,
        side=Side.SELL,
        trail_amount=Decimal("0.50"),
    )
    return SubmitOrder(session="demo", specification=made, caused_at_ns=DAY_0_NS + HOUR_NS)
