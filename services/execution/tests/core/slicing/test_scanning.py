"""Bars as columns do to a VWAP what the same bars one by one do; nothing else waits for bars."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import AlgorithmKind, ExecutionAlgorithm
from tidegate_contracts.frame import Frame
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

SYMBOLS = ("AAPL", "MSFT")
START_NS = DAY_0_NS + NS_PER_DAY
SHARE = Decimal("0.013")
TWAP = ExecutionAlgorithm(kind=AlgorithmKind.TWAP, duration_ns=NS_PER_DAY, slices=3)


def vwap(share: Decimal) -> ExecutionAlgorithm:
    """Return a participation for a week."""
    kind = AlgorithmKind.VWAP
    return ExecutionAlgorithm(kind=kind, duration_ns=7 * NS_PER_DAY, participation=share)


def machine(orders: list[tuple[ExecutionAlgorithm, str]], begun_ns: int) -> ExecutionMachine:
    """Return a machine that slices orders since some time."""
    made = ExecutionMachine.restore(execution_parameters(), None)
    for symbol in SYMBOLS:
        made.handle(instrument(symbol), START_NS)
        made.handle(bar(0, (100, 101, 99, 100), symbol), START_NS)
    for ordinal, (algorithm, symbol) in enumerate(orders):
        approved = verdict(START_NS, ordinal=ordinal, symbol=symbol, algorithm=algorithm)
        made.handle(approved, begun_ns)
    return made


def frame(volumes: list[int]) -> Frame:
    """Return quiet bars of both symbols that trade so much."""
    columns: list[list[int]] = [[] for _ in range(6)]
    for place, volume in enumerate(volumes):
        start_ns = START_NS + place // 2 * NS_PER_DAY
        row = (start_ns, 10_000, 10_100, 9_900, 10_000, volume)
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    codes = np.array([place % 2 for place in range(len(volumes))], dtype=np.int32)
    instruments = tuple(instrument(symbol) for symbol in SYMBOLS)
    return Frame(FEED, NS_PER_DAY, instruments, codes, np.array(columns, dtype=np.int64))


@settings(max_examples=60, deadline=None)
@given(
    orders=st.lists(
        st.tuples(st.sampled_from([TWAP, vwap(SHARE), vwap(Decimal(1))]), st.sampled_from(SYMBOLS)),
        max_size=3,
    ),
    late_ns=st.integers(0, 3 * NS_PER_DAY),
    volumes=st.lists(st.integers(0, 90), min_size=1, max_size=30),
)
def test_columns_equal_bar_by_bar(
    orders: list[tuple[ExecutionAlgorithm, str]], late_ns: int, volumes: list[int]
) -> None:
    """No bar that a VWAP takes a share of is passed over; all others say nothing."""
    use_money_context()
    begun_ns = START_NS + late_ns
    bars = frame(volumes)
    by_bar, by_column = machine(orders, begun_ns), machine(orders, begun_ns)
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


def test_bars_matter_only_while_a_vwap_of_their_symbol_is_open() -> None:
    """Beside a TWAP, or a VWAP of another symbol, bars are passed over."""
    bars = frame([5] * 20)
    assert machine([(TWAP, "AAPL")], START_NS).scan(bars, 0, len(bars)) == len(bars)
    assert machine([(vwap(SHARE), "AAPL")], START_NS).scan(bars, 0, len(bars)) == 0
    assert machine([(vwap(SHARE), "MSFT")], START_NS).scan(bars, 0, len(bars)) == 1
