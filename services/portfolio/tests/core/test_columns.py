"""Bars that come as columns leave what bars one by one leave."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import numpy as np
from hypothesis import given, strategies as st

from tidegate_contracts.frame import Frame
from tidegate_portfolio.testing import DAY, PARAMETERS, START, fill, instrument, new_machine

HOUR = DAY // 24
HOURS = 120


def hours(missing: set[int]) -> Frame:
    """Return hourly bars of five days but for some hours; each closes a cent higher."""
    there = np.array([hour for hour in range(HOURS) if hour not in missing], np.int64)
    values = np.empty((6, len(there)), np.int64)
    values[0] = START + there * HOUR
    values[1:] = 10_000 + there
    return Frame(
        feed="replay-demo",
        timeframe_ns=HOUR,
        instruments=(instrument(),),
        codes=np.zeros(len(there), np.int32),
        values=values,
    )


@given(
    missing=st.sets(st.integers(1, HOURS - 1), max_size=90),
    cuts=st.lists(st.integers(1, HOURS), max_size=6),
    lockstep=st.booleans(),
)
def test_days_that_begin_in_columns_begin_with_the_equity_before_their_first_bars(
    missing: set[int], cuts: list[int], *, lockstep: bool
) -> None:
    """However many days a stretch holds, and whether or not it begins or ends with one."""
    frame = hours(missing)
    parameters = msgspec.structs.replace(
        PARAMETERS, lockstep=lockstep, snapshot_interval_ns=11 * DAY
    )
    single, columns = new_machine(parameters), new_machine(parameters)
    for machine in (single, columns):
        machine.handle(frame.bar(0), frame.end_ns(0))
        machine.handle(fill("x1", "10", "100"), frame.end_ns(0))
    places = sorted({1, *(min(cut, len(frame)) for cut in cuts), len(frame)})
    for first, last in pairwise(places):
        assert columns.scan(frame, first, last) == last
        columns.advance(frame, first, last)
        for bar in frame.bars(first, last):
            assert not single.handle(bar, bar.end_ns)
        assert columns.snapshot() == single.snapshot()
