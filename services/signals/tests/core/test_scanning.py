"""Looking through columns finds the wish that bar by bar brings, and leaves the same state."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.frame import Frame, Part
from tidegate_contracts.market import Bar, Instrument
from tidegate_signals.core.machine import SignalsMachine, SignalsParameters, StrategyInstance
from tidegate_signals.core.scanning import EXACT_BELOW, Search
from tidegate_signals.core.strategies import STRATEGIES

INSTRUMENT = Instrument(feed="f", venue="v", symbol="A", price_scale=2)
PARAMETERS: list[tuple[str, dict[str, Any]]] = [
    ("ema-crossover", {"fast": 2, "slow": 5}),
    ("ema-crossover", {"fast": 1, "slow": 3, "stop_atr": 2.0, "atr": 4, "allow_short": True}),
    ("donchian-breakout", {"entry": 5, "exit": 2}),
    ("donchian-breakout", {"entry": 3, "exit": 3, "stop_atr": 1.0, "atr": 6}),
]

NUMBERED = list(enumerate(PARAMETERS))


def _started(name: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401 - any strategy
    definition = STRATEGIES[name]
    return definition.start(definition.parse(parameters), INSTRUMENT)


def _frame(steps: list[int], unit: int = 1) -> Frame:
    """Return bars whose closes take these steps, with some room above and below."""
    close = (1_000 + np.cumsum(steps, dtype=np.int64)) * unit
    room = (np.abs(steps) % 4) * unit
    starts = np.arange(len(steps), dtype=np.int64) * 60
    values = np.stack([starts, close, close + room, close - room, close, room])
    return Frame("f", 60, (INSTRUMENT,), np.zeros(len(steps), np.int32), values)


@pytest.mark.parametrize(("name", "parameters"), PARAMETERS)
@given(steps=st.lists(st.integers(-9, 9), min_size=1, max_size=60), cut=st.integers(0, 60))
@settings(max_examples=30)
def test_a_search_ends_at_the_next_wish(
    name: str, parameters: dict[str, Any], steps: list[int], cut: int
) -> None:
    """Taking what it passes over, and handling what it stops at, is the same as every bar."""
    frame = _frame(steps)
    plain, searched = _started(name, parameters), _started(name, parameters)
    wishes = [plain.update(bar) for bar in frame.bars(0, len(steps))]
    search, first, part = Search(searched), 0, frame.parts[0]
    while first < len(steps):
        found = search.find(part, first, len(steps))
        assert found == [place for place in range(first, len(steps)) if wishes[place] is not None]
        end = found[0] if found else len(steps)
        if first < cut < end:
            search.settle(cut)
            first = cut
            continue
        search.settle(end)
        if found:
            assert searched.update(frame.bar(end)) == wishes[end]
        first = end + 1
    assert msgspec.msgpack.encode(searched) == msgspec.msgpack.encode(plain)


def test_prices_too_large_for_exact_floats_are_handled_one_by_one() -> None:
    """Sums of true ranges must be exact; without a range nothing is summed."""
    frame = _frame([1, 2, 3], unit=EXACT_BELOW // 2_000)
    ranged = Search(_started("ema-crossover", {"fast": 1, "slow": 3, "stop_atr": 2.0}))
    assert ranged.find(frame.parts[0], 0, 3) is None
    assert (
        Search(_started("ema-crossover", {"fast": 1, "slow": 3})).find(frame.parts[0], 0, 2) == []
    )


def test_a_strategy_without_a_kernel_is_given_every_bar() -> None:
    """A search that cannot look says so at every bar, and has nothing to settle."""

    class Silent:
        """Wishes nothing, and has no kernel."""

        def update(self, bar: Bar) -> None:
            """Take a bar."""

    part: Part = _frame([1, 2, 3]).parts[0]
    search = Search(Silent())
    assert [search.find(part, row, 3) for row in range(3)] == [None, None, None]
    search.settle(3)


def _market(steps: list[tuple[int, int]], unit: int) -> Frame:
    """Return the bars of two symbols, each with its steps; 0 is no bar."""
    rows = []
    closes = [1_000, 1_000]
    for minute, pair in enumerate(steps):
        for code, step in enumerate(pair):
            closes[code] += step
            if step:
                close, room = closes[code] * unit, abs(step) % 4 * unit
                rows.append((code, minute * 60, close, close + room, close - room, close, room))
    columns = np.array(rows, np.int64).reshape(len(rows), 7)
    codes = np.ascontiguousarray(columns[:, 0], np.int32)
    values = np.ascontiguousarray(columns[:, 1:].T)
    instruments = (INSTRUMENT, msgspec.structs.replace(INSTRUMENT, symbol="B"))
    return Frame("f", 60, instruments, codes, values)


@given(
    steps=st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=60),
    unit=st.sampled_from([1, 1, EXACT_BELOW // 2_000]),
    extra=st.lists(st.integers(0, 3), min_size=60, max_size=60),
    ahead=st.integers(1, 40),
)
@settings(max_examples=80)
def test_a_machine_that_looks_through_columns_says_what_each_bar_brings(
    steps: list[tuple[int, int]], unit: int, extra: list[int], ahead: int
) -> None:
    """Whatever is handled one by one in between, and however far it looks: the same at the end."""
    frame = _market(steps, unit)
    named = [StrategyInstance(name=str(n), strategy=s, parameters=p) for n, (s, p) in NUMBERED]
    parameters = SignalsParameters(session="s", feed="f", symbols=(), strategies=tuple(named))
    plain, looking = SignalsMachine(parameters), SignalsMachine(parameters)
    for machine in (plain, looking):
        for instrument in frame.instruments:
            machine.handle(instrument, 0)
    said = [(bar, plain.handle(bar, bar.end_ns)) for bar in frame.bars(0, len(frame))]
    row, found = 0, []
    while row < len(frame):
        last = min(row + ahead, len(frame))
        stop = looking.scan(frame, row, last)
        assert not any(effects for _, effects in said[row:stop])
        looking.advance(frame, row, stop)
        row = min(stop + 1 + extra[stop % len(extra)], len(frame)) if stop < last else stop
        for bar, _ in said[stop:row]:
            found.append((bar, looking.handle(bar, bar.end_ns)))
    assert [each for each in found if each[1]] == [each for each in said if each[1]]
    assert looking.snapshot() == plain.snapshot()
