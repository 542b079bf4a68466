"""Bars that were never made are remembered like those that were."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from tidegate_contracts.frame import Frame
from tidegate_contracts.market import Instrument
from tidegate_execution.core.paper.remembering import RememberedBars, Stretch

COUNT_MAX = 5
ROWS = 40


def _frame() -> Frame:
    """Return bars of two symbols in turn, whose start tells their row."""
    rows = np.arange(ROWS, dtype=np.int64)
    instruments = (Instrument(venue="v", symbol="A"), Instrument(venue="v", symbol="B"))
    codes = (rows % 2).astype(np.int32)
    return Frame("f", 10, instruments, codes, np.stack([rows + 1] * 6))


@given(cuts=st.lists(st.integers(0, ROWS), max_size=8), caused_at_ns=st.integers(0, ROWS + 1))
def test_skipped_bars_are_made_when_somebody_looks(cuts: list[int], caused_at_ns: int) -> None:
    """Whatever was skipped, the last bars and those since a cause are those of one by one."""
    frame = _frame()
    every = [bar for bar in frame.bars(0, ROWS) if bar.symbol == "A"]
    remembered = RememberedBars([], COUNT_MAX)
    begin = 0
    for end in [*sorted(cuts), ROWS]:
        rows = [row for row in range(begin, end) if frame.codes[row] == 0]
        if rows and end % 3:
            remembered.skip(Stretch(frame, 0, begin, end), frame.bar(rows[-1]))
        else:
            for row in rows:
                remembered.append(frame.bar(row))
        begin = end
    last = every[-COUNT_MAX:]
    assert remembered.newest[-1] == last[-1]
    assert remembered.since(caused_at_ns) == [b for b in last if b.start_ns >= caused_at_ns]
    assert remembered.complete() == last
