"""The parts of a strategy's signal with legs: what belongs to it, and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.structures import faults_of
from tidegate_risk.core.structures.judging import legs_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_contracts.signals import Signal
    from tidegate_risk.core.slicing import Judged

DIRECTIONS = (Direction.LONG, Direction.FLAT)
STYLES = (EntryStyle.MARKET, EntryStyle.LIMIT)
LIVES = (TimeInForce.UNSPECIFIED, TimeInForce.DAY, TimeInForce.GTC)
LEFT_OUT = (
    "trigger_price",
    "stop_distance",
    "valid_for_ns",
    "post_only",
    "extended_hours",
    "algorithm",
    "display_fraction",
)


def parts(signal: Signal) -> Iterator[Judged]:
    """Judge the legs, also of an exit, for it names what is closed; of an entry its placing too."""
    for fault in faults_of(legs_of(signal.legs), signal.symbol):
        expected, _, found = fault.partition(", found ")
        yield "legs:", found, expected.removeprefix("expected "), False
    wanted = signal.direction
    told = "LONG or FLAT with legs, which have sides of their own"
    yield "direction", wanted.name, told, wanted in DIRECTIONS
    if wanted == Direction.LONG:
        yield from _placing(signal)


def _placing(signal: Signal) -> Iterator[Judged]:
    style, limit, lives = signal.entry_style, signal.limit_price, signal.time_in_force
    yield "entry_style", style.name, "MARKET or LIMIT with legs", style in STYLES
    if style == EntryStyle.LIMIT:
        finite = limit is not None and limit.is_finite()
        yield "limit_price", limit, "the net price of a structure, of any sign", finite
    else:
        yield "limit_price", limit, f"to be left out for {style.name}", limit is None
    yield "time_in_force", lives.name, "DAY or GTC with legs", lives in LIVES
    for name in LEFT_OUT:
        value = getattr(signal, name)
        yield name, value, "to be left out with legs", not value
