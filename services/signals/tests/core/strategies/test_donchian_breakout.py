"""The Donchian breakout."""

from __future__ import annotations

from hypothesis import given, strategies as st

from tidegate_contracts.signals import Direction
from tidegate_signals.testing import started, wishes

CLOSES = st.lists(st.integers(1_000, 1_500), min_size=1, max_size=80)


@given(CLOSES, st.integers(1, 6), st.integers(0, 5))
def test_wishes_are_the_breakouts_of_full_channels(
    closes: list[int], leaving: int, more: int
) -> None:
    """The same targets as a plain reading of the rules over the whole history."""
    entry = leaving + more
    target, expected = Direction.FLAT, {}
    for day, close in enumerate(closes):
        if day < entry:
            continue
        upper = max(closes[day - entry : day]) + 50
        lower = min(closes[day - leaving : day]) - 50
        turned = target
        if target is Direction.FLAT and close > upper:
            turned = Direction.LONG
        elif target is Direction.LONG and close < lower:
            turned = Direction.FLAT
        if turned is not target:
            target = expected[day] = turned
    found = wishes(started(f"donchian-breakout:entry={entry},exit={leaving}"), closes)
    assert {day: wish.direction for day, wish in found.items()} == expected


def test_a_breakout_says_why_in_numbers() -> None:
    """The close, the channel and its length."""
    strategy = started("donchian-breakout:entry=3,exit=2,stop_atr=1.5,atr=2")
    found = wishes(strategy, [1000, 1000, 1000, 1100, 900])
    assert found[3].reasons == ("close 11 above the 3-bar high 10.5", "stop at 1.5 x ATR(2) 1")
    assert found[3].stop_distance == 150.0
    assert found[4].reasons == ("close 9 below the 2-bar low 9.5",)
    assert found[4].stop_distance is None


def test_nothing_is_said_before_the_range_is_warm() -> None:
    """A stop that cannot be measured yet is no reason to enter without one."""
    strategy = started("donchian-breakout:entry=2,exit=1,stop_atr=1,atr=5")
    assert list(wishes(strategy, [1000, 1000, 1100, 1200, 1300, 1400])) == [5]
