"""Every number of a signal is there, finite and within its bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_risk.core.refusals import Code, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from tidegate_contracts.signals import Signal
    from tidegate_risk.core.question import Question

DIRECTIONS = (Direction.LONG, Direction.FLAT, Direction.SHORT)
STYLES = (EntryStyle.UNSPECIFIED, EntryStyle.MARKET, EntryStyle.LIMIT)


def check(question: Question) -> Refused | None:
    """Refuse the first field that is out of its bounds; an exit needs only to be identified."""
    for name, value, expected, valid in _fields(question):
        if not valid:
            return Refused(
                code=Code.SIGNAL_INVALID,
                expected=f"{name} {expected}",
                found=str(value),
                remedy="the strategy must send a signal with this field in its bounds",
            )
    return None


def _fields(question: Question) -> Iterator[tuple[str, object, str, bool]]:
    signal = question.signal
    yield "strategy", signal.strategy, "to be named", signal.strategy != ""
    yield "symbol", signal.symbol, "to be named", signal.symbol != ""
    yield "direction", signal.direction, "LONG, FLAT or SHORT", signal.direction in DIRECTIONS
    if question.increasing:
        yield from _numbers(signal)
        # Clocks of a fast wall-clock session may differ by as much as a signal may be old.
        latest_ns = question.now_ns + question.limits.signal_age_max_ns
        event_at_ns = signal.event_at_ns
        yield "event_at_ns", event_at_ns, f"in (0, {latest_ns}]", 0 < event_at_ns <= latest_ns


def _numbers(signal: Signal) -> Iterator[tuple[str, object, str, bool]]:
    strength, confidence, limit = signal.strength, signal.confidence, signal.limit_price
    yield "entry_style", signal.entry_style, "MARKET or LIMIT", signal.entry_style in STYLES
    yield "strength", strength, "above 0 and at most 1", 0 < strength <= 1
    yield "confidence", confidence, "between 0 and 1", 0 <= confidence <= 1
    yield "reference_price", signal.reference_price, "above 0", _positive(signal.reference_price)
    stop_valid = signal.stop_distance is None or _positive(signal.stop_distance)
    yield "stop_distance", signal.stop_distance, "above 0 or absent", stop_valid
    if signal.entry_style == EntryStyle.LIMIT:
        limit_valid = limit is not None and _positive(limit)
        yield "limit_price", limit, "above 0 for a limit entry", limit_valid


def _positive(value: Decimal) -> bool:
    return value.is_finite() and value > 0
