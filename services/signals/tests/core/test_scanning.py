"""Looking through columns finds the wish that bar by bar brings, and leaves the same state."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.frame import Frame, Part
from tidegate_contracts.market import Bar, Instrument
from tidegate_signals.core.scanning import EXACT_BELOW, Search
from tidegate_signals.core.strategies import STRATEGIES

INSTRUMENT = Instrument(feed="f", venue="v", symbol="A", price_scale=2)
PARAMETERS: list[tuple[str, dict[str, Any]]] = [
    ("ema-crossover", {"fast": 2, "slow": 5}),
    ("ema-crossover", {"fast": 1, "slow": 3, "stop_atr": 2.0, "atr": 4, "allow_short": True}),
    ("donchian-breakout", {"entry": 5, "exit": 2}),
    ("donchian-breakout", {"entry": 3, "exit": 3, "stop_atr": 1.0, "atr": 6}),
]


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
        assert wishes[first:found] == [None] * (found - first)
        if first < cut < found:
            search.advance(part, first, cut)
            first = cut
            continue
        search.advance(part, first, found)
        if found < len(steps):
            assert wishes[found] is not None
            assert searched.update(frame.bar(found)) == wishes[found]
        first = found + 1
    assert msgspec.msgpack.encode(searched) == msgspec.msgpack.encode(plain)


def test_prices_too_large_for_exact_floats_are_handled_one_by_one() -> None:
    """Sums of true ranges must be exact; without a range nothing is summed."""
    frame = _frame([1, 2, 3], unit=EXACT_BELOW // 2_000)
    ranged = Search(_started("ema-crossover", {"fast": 1, "slow": 3, "stop_atr": 2.0}))
    assert ranged.find(frame.parts[0], 0, 3) == 0
    assert Search(_started("ema-crossover", {"fast": 1, "slow": 3})).find(frame.parts[0], 0, 2) == 2


def test_a_strategy_without_a_kernel_is_given_every_bar() -> None:
    """A search that cannot look stops at the first bar, always."""

    class Silent:
        """Wishes nothing, and has no kernel."""

        def update(self, bar: Bar) -> None:
            """Take a bar."""

    part: Part = _frame([1, 2, 3]).parts[0]
    search = Search(Silent())
    assert [search.find(part, row, 3) for row in range(3)] == [0, 1, 2]
    search.advance(part, 1, 1)
