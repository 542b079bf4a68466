"""Bars as columns do to held orders what the same bars one by one do."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import OrderType, Side
from tidegate_contracts.frame import Frame
from tidegate_contracts.market import OpenInterval
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.testing import (
    DAY_0_NS,
    FEED,
    bar,
    execution_parameters,
    instrument,
    verdict,
)
from tidegate_kernel.money import use_money_context
from tidegate_kernel.time import NS_PER_DAY

PARAMETERS = execution_parameters(venue="ccxt", spot=False)
SYMBOLS = ("AAPL", "MSFT")
START_NS = DAY_0_NS + NS_PER_DAY
TYPES: list[dict[str, object]] = [
    {"order_type": OrderType.STOP, "trigger_price": Decimal("100.50")},
    {"order_type": OrderType.STOP, "trigger_price": Decimal("99.995")},
    {"order_type": OrderType.TRAILING_STOP, "trail_amount": Decimal("0.50")},
    {"order_type": OrderType.TRAILING_STOP, "trail_amount": Decimal("0.035")},
    {"order_type": OrderType.TRAILING_STOP, "trail_percent": Decimal("0.7")},
    {"order_type": OrderType.TRAILING_STOP, "trail_percent": Decimal(33)},
]
Step = tuple[int, int, int]


def machine(
    orders: list[tuple[dict[str, object], Side, str]], sessions: tuple[OpenInterval, ...] = ()
) -> ExecutionMachine:
    """Return a machine that holds orders; one of the symbols trades in sessions."""
    made = ExecutionMachine.restore(PARAMETERS, None)
    for symbol in SYMBOLS:
        hours = sessions if symbol == SYMBOLS[0] else ()
        made.handle(instrument(symbol, open_intervals=hours), START_NS)
        made.handle(bar(0, (100, 101, 99, 100), symbol), START_NS)
    for ordinal, (kind, side, symbol) in enumerate(orders):
        held = verdict(START_NS, ordinal=ordinal, symbol=symbol, side=side, **kind)  # type: ignore[arg-type]
        made.handle(held, START_NS)
    return made


def frame(steps: list[Step]) -> Frame:
    """Return bars of both symbols around a walk in cents."""
    columns: list[list[int]] = [[] for _ in range(6)]
    price = 10_000
    for day, (change, up, down) in enumerate(steps):
        for code in range(len(SYMBOLS)):
            opened, closed = price, price + change * (1 - 2 * code)
            high, low = max(opened, closed) + up, min(opened, closed) - down
            row = (START_NS + day * NS_PER_DAY, opened, high, low, closed, 100)
            for column, value in zip(columns, row, strict=True):
                column.append(value)
        price += change
    codes = np.tile(np.arange(len(SYMBOLS), dtype=np.int32), len(steps))
    instruments = tuple(instrument(symbol) for symbol in SYMBOLS)
    return Frame(FEED, NS_PER_DAY, instruments, codes, np.array(columns, dtype=np.int64))


@settings(max_examples=150, deadline=None)
@given(
    orders=st.lists(
        st.tuples(
            st.sampled_from(TYPES), st.sampled_from([Side.BUY, Side.SELL]), st.sampled_from(SYMBOLS)
        ),
        max_size=4,
    ),
    steps=st.lists(
        st.tuples(st.integers(-40, 40), st.integers(0, 30), st.integers(0, 30)),
        min_size=1,
        max_size=60,
    ),
    days=st.none() | st.sets(st.integers(0, 60)),
)
def test_columns_equal_bar_by_bar(
    orders: list[tuple[dict[str, object], Side, str]], steps: list[Step], days: set[int] | None
) -> None:
    """No bar that triggers is passed over, and trailing triggers end where they should.

    So too where one of the symbols names the days on which it has a session.
    """
    use_money_context()
    sessions = tuple(_session(each) for each in sorted(days or ()))
    bars, by_bar, by_column = frame(steps), machine(orders, sessions), machine(orders, sessions)
    row, last = 0, len(bars)
    while row < last:
        found = by_column.scan(bars, row, last)
        by_column.advance(bars, row, found)
        for each in range(row, found):
            assert not by_bar.handle(bars.bar(each), bars.end_ns(each))
        assert by_column.snapshot() == by_bar.snapshot()
        if found < last:
            now_ns, event = bars.end_ns(found), bars.bar(found)
            assert by_column.handle(event, now_ns) == by_bar.handle(event, now_ns)
        row = found + 1


def _session(day: int) -> OpenInterval:
    opens_at_ns = START_NS + day * NS_PER_DAY + NS_PER_DAY // 3
    return OpenInterval(opens_at_ns=opens_at_ns, closes_at_ns=opens_at_ns + NS_PER_DAY // 3)


def test_without_held_orders_no_bar_is_looked_at() -> None:
    """Idle bars are free."""
    bars = frame([(5, 1, 1)] * 20)
    assert machine([]).scan(bars, 0, len(bars)) == len(bars)
