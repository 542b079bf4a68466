"""The EMA crossover."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, strategies as st

from tidegate_contracts.signals import Direction
from tidegate_signals.testing import started, wishes

CLOSES = st.lists(st.integers(1_000, 1_200), min_size=1, max_size=80)


def _averages(closes: list[int], length: int) -> list[float]:
    values = [float(closes[0])]
    for close in closes[1:]:
        values.append(values[-1] + (close - values[-1]) * (2.0 / (length + 1)))
    return values


@given(CLOSES, st.integers(1, 5), st.integers(1, 6))
def test_wishes_are_the_crossings_after_warm_up(closes: list[int], fast: int, more: int) -> None:
    """The same targets as a plain reading of the rules over the whole history."""
    slow = fast + more
    pairs = list(zip(_averages(closes, fast), _averages(closes, slow), strict=True))
    target, expected = Direction.FLAT, {}
    for day, (before, now) in enumerate(pairwise(pairs), start=1):
        if day + 1 < slow:
            continue
        crossed_up = now[0] > now[1] and not before[0] > before[1]
        turned = Direction.LONG if crossed_up else target
        turned = Direction.FLAT if now[0] < now[1] else turned
        if turned is not target:
            target = expected[day] = turned
    found = wishes(started(f"ema-crossover:fast={fast},slow={slow}"), closes)
    assert {day: wish.direction for day, wish in found.items()} == expected


def test_a_crossing_says_why_in_numbers() -> None:
    """Lengths, averages, and the direction of the crossing."""
    found = wishes(started("ema-crossover:fast=1,slow=3"), [100, 100, 100, 108, 90])
    assert found[3].reasons == ("EMA(1) 1.08 crossed above EMA(3) 1.04",)
    assert found[4].reasons == ("EMA(1) 0.9 fell below EMA(3) 0.97",)


def test_with_allow_short_the_other_side_is_short() -> None:
    """Straight from long to short and back."""
    strategy = started("ema-crossover:fast=1,slow=3,allow_short=true")
    found = wishes(strategy, [100, 100, 100, 108, 90, 120])
    assert [wish.direction for wish in found.values()] == [
        Direction.LONG,
        Direction.SHORT,
        Direction.LONG,
    ]


def test_a_stop_needs_a_warm_range_and_goes_with_entries() -> None:
    """The range of these bars is 100 but for the jump; leaving needs no stop."""
    strategy = started("ema-crossover:fast=1,slow=2,stop_atr=2,atr=4")
    found = wishes(strategy, [1000, 1001, 1000, 1000, 1001, 900])
    assert list(found) == [4, 5]
    assert found[4].stop_distance == 200.0
    assert found[4].reasons[1] == "stop at 2 x ATR(4) 1"
    assert found[5].stop_distance is None
