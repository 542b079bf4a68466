"""How an operator wants entries placed, whatever the strategy says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, strategies as st

from tidegate_contracts.execution import TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_signals.core.entry import Entry
from tidegate_signals.core.machine import SignalsMachine
from tidegate_signals.core.wish import Wish, WishError
from tidegate_signals.testing import START_NS, bar, instrument, parameters, signals

LONG, SHORT, FLAT = Direction.LONG, Direction.SHORT, Direction.FLAT
CROSSING = [1000, 1000, 1000, 1100, 900, 1200]


@pytest.mark.parametrize(
    ("entry", "direction", "limit", "trigger"),
    [
        ({"style": EntryStyle.MARKET}, LONG, None, None),
        ({"style": EntryStyle.LIMIT, "offset_bps": 5.0}, LONG, 9_995.0, None),
        ({"style": EntryStyle.LIMIT, "offset_bps": 5.0}, SHORT, 10_005.0, None),
        ({"style": EntryStyle.STOP, "offset_bps": 5.0}, LONG, None, 10_005.0),
        ({"style": EntryStyle.STOP, "offset_bps": 5.0}, SHORT, None, 9_995.0),
        ({"style": EntryStyle.STOP}, LONG, None, 10_001.0),
        ({"style": EntryStyle.STOP}, SHORT, None, 9_999.0),
        (
            {"style": EntryStyle.STOP_LIMIT, "offset_bps": 100.0, "limit_offset_bps": 10.0},
            LONG,
            10_110.1,
            10_100.0,
        ),
    ],
)
def test_an_entry_is_placed_from_the_close(
    entry: dict[str, Any], direction: Direction, limit: float | None, trigger: float | None
) -> None:
    """A limit is better than it, a trigger beyond it by one unit at least."""
    wish = Entry(**entry).apply(Wish(direction=direction, limit_price=7.0), 10_000)
    assert (wish.limit_price, wish.trigger_price) == pytest.approx((limit, trigger))
    assert wish.style is entry["style"]


@pytest.mark.parametrize("style", [EntryStyle.UNSPECIFIED, 9])
def test_a_style_that_says_nothing_is_not_the_market(style: EntryStyle) -> None:
    """Without the setting the strategy's own wish holds; half a setting is none."""
    with pytest.raises(WishError, match="MARKET, LIMIT, STOP or STOP_LIMIT"):
        Entry(style=style)


def test_exits_are_left_alone() -> None:
    """Leaving must not wait."""
    wish = Wish(direction=FLAT)
    assert Entry(style=EntryStyle.LIMIT).apply(wish, 10_000) is wish


@example(EntryStyle.STOP_LIMIT, 2516.30859375, 0.0, SHORT, 1199)
@given(
    st.sampled_from([EntryStyle.MARKET, EntryStyle.LIMIT, EntryStyle.STOP, EntryStyle.STOP_LIMIT]),
    st.floats(0, 5_000),
    st.floats(0, 5_000),
    st.sampled_from([LONG, SHORT]),
    st.integers(1, 10**12),
)
def test_every_setting_makes_a_wish_that_fits_together(
    style: EntryStyle, offset_bps: float, limit_bps: float, direction: Direction, close: int
) -> None:
    """A wish judges itself when it is made."""
    entry = Entry(style=style, offset_bps=offset_bps, limit_offset_bps=limit_bps)
    assert entry.apply(Wish(direction=direction), close).style is style


def test_an_instances_setting_is_in_its_signals_and_in_its_version() -> None:
    """Entries say it, exits do not; another setting is another version."""
    plain = parameters("donchian-breakout:entry=3,exit=2")
    entry = Entry(
        style=EntryStyle.STOP_LIMIT,
        offset_bps=100.0,
        time_in_force=TimeInForce.GTD,
        valid_for_ns=600 * 10**9,
    )
    (instance,) = plain.strategies
    placed = msgspec.structs.replace(
        plain, strategies=(msgspec.structs.replace(instance, entry=entry),)
    )
    bars = [bar(day, close) for day, close in enumerate(CROSSING[:5])]
    found = []
    for told in (plain, placed):
        machine = SignalsMachine.restore(told, None)
        machine.handle(instrument(), START_NS)
        found.append(signals(machine, *bars))
    (before, left_before), (entered, left) = found
    assert before.entry_style is EntryStyle.MARKET
    assert entered.entry_style is EntryStyle.STOP_LIMIT
    assert (entered.trigger_price, entered.limit_price) == (Decimal("11.11"), Decimal("11.11"))
    assert (entered.time_in_force, entered.valid_for_ns) == (TimeInForce.GTD, 600 * 10**9)
    assert entered.model_version != before.model_version
    assert msgspec.structs.replace(left, model_version="") == msgspec.structs.replace(
        left_before, model_version=""
    )


@pytest.mark.parametrize("extended", [False, True])
def test_extended_hours_are_asked_for_by_entries_and_exits(*, extended: bool) -> None:
    """An exit says no more than that: where there are such hours, risk gives it a limit."""
    setting = Entry(style=EntryStyle.LIMIT, extended_hours=extended)
    entry = setting.apply(Wish(direction=LONG), 10_000)
    leaving = setting.apply(Wish(direction=FLAT), 10_000)
    assert (entry.extended_hours, leaving.extended_hours) == (extended, extended)
    assert leaving.limit_price is None
