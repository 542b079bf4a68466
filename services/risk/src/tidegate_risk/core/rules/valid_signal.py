"""Every number of a signal is there, finite and within its bounds."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from tidegate_contracts.execution import AlgorithmKind, TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_risk.core import hours, slicing
from tidegate_risk.core.refusals import Code, Refused
from tidegate_risk.core.sizing.terms import TYPES
from tidegate_risk.core.structures import signals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from tidegate_contracts.signals import Signal
    from tidegate_risk.core.question import Question
    from tidegate_risk.core.slicing import Judged

TIME_MAX_NS = 2**63 - 1
DIRECTIONS = (Direction.LONG, Direction.FLAT, Direction.SHORT)
MARKET = EntryStyle.MARKET
"""Named by the strategy; one that names no style has said nothing, and is refused."""
STYLES = (MARKET, EntryStyle.LIMIT, EntryStyle.STOP, EntryStyle.STOP_LIMIT)
TRIGGERED = (EntryStyle.STOP, EntryStyle.STOP_LIMIT)
LIMITED = (EntryStyle.LIMIT, EntryStyle.STOP_LIMIT)
LIVES = tuple(TimeInForce)
AT_ONCE_OR_NEVER = (TimeInForce.IOC, TimeInForce.FOK)


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


def _fields(question: Question) -> Iterable[Judged]:
    """Return every field with its judgement; of what most signals do not say, not before asked."""
    signal = question.signal
    named = [
        ("strategy", signal.strategy, "to be named", signal.strategy != ""),
        ("symbol", signal.symbol, "to be named", signal.symbol != ""),
        ("direction", signal.direction, "LONG, FLAT or SHORT", signal.direction in DIRECTIONS),
    ]
    if signal.legs:
        named += signals.parts(signal)
    if not question.increasing:
        return named
    # Clocks of a fast wall-clock session may differ by as much as a signal may be old.
    latest_ns = question.now_ns + question.limits.signal_age_max_ns
    at_ns = signal.event_at_ns
    when = ("event_at_ns", at_ns, f"in (0, {latest_ns}]", 0 < at_ns <= latest_ns)
    return chain(named, _numbers(signal), _placed_otherwise(signal), [when])


def _numbers(signal: Signal) -> list[Judged]:
    strength, confidence, style = signal.strength, signal.confidence, signal.entry_style
    price, stop = signal.reference_price, signal.stop_distance
    return [
        ("entry_style", style, "MARKET, LIMIT, STOP or STOP_LIMIT", style in STYLES),
        ("strength", strength, "above 0 and at most 1", 0 < strength <= 1),
        ("confidence", confidence, "between 0 and 1", 0 <= confidence <= 1),
        ("reference_price", price, "above 0", _positive(price)),
        ("stop_distance", stop, "above 0 or absent", stop is None or _positive(stop)),
    ]


def _placed_otherwise(signal: Signal) -> Iterator[Judged]:
    """Judge what an entry says that does not simply go to the market, whole and at once."""
    style = signal.entry_style
    if signal.legs:
        return
    if style != MARKET or signal.time_in_force or signal.valid_for_ns or signal.post_only:
        yield from _placing(signal)
    if signal.extended_hours:
        yield from hours.parts(signal.time_in_force, limited=style == EntryStyle.LIMIT)
    if signal.algorithm is not None or signal.display_fraction is not None:
        yield from _slices(signal)


def _placing(signal: Signal) -> Iterator[Judged]:
    """Judge what only an entry says that does not go to the market at once."""
    style, limit, trigger = signal.entry_style, signal.limit_price, signal.trigger_price
    if style in LIMITED:
        limit_valid = limit is not None and _positive(limit)
        yield "limit_price", limit, "above 0 for a limit entry", limit_valid
    if style in TRIGGERED:
        trigger_valid = trigger is not None and _positive(trigger)
        yield "trigger_price", trigger, "above 0 for a stop entry", trigger_valid
    if style == EntryStyle.STOP_LIMIT and limit is not None and trigger is not None:
        long = signal.direction == Direction.LONG
        where = f"at the trigger {trigger} or {'above' if long else 'below'} it"
        yield "limit_price", limit, where, limit >= trigger if long else limit <= trigger
    yield from _lives(signal)
    post_only = not signal.post_only or style == EntryStyle.LIMIT
    yield "post_only", signal.post_only, "only for a limit entry", post_only


def _lives(signal: Signal) -> Iterator[Judged]:
    lives, valid_for_ns = signal.time_in_force, signal.valid_for_ns
    waits = signal.entry_style != MARKET
    yield "time_in_force", lives, "one that is known", lives in LIVES
    if lives == TimeInForce.GTD:
        yield "time_in_force", lives, "GTD only for an entry that waits", waits
        most_ns = TIME_MAX_NS - signal.event_at_ns
        within = 0 < valid_for_ns <= most_ns
        yield "valid_for_ns", valid_for_ns, f"above 0 and at most {most_ns} for GTD", within
    else:
        yield "valid_for_ns", valid_for_ns, "0, for it is not GTD", valid_for_ns == 0
    if lives in AT_ONCE_OR_NEVER:
        waiting = signal.entry_style in TRIGGERED or signal.post_only
        yield "time_in_force", lives, "not IOC or FOK, for the entry waits", not waiting


def _slices(signal: Signal) -> Iterator[Judged]:
    algorithm, share = signal.algorithm, signal.display_fraction
    if algorithm is None:
        yield "display_fraction", share, "only with ICEBERG", share is None
        return
    order = slicing.Sliced(algorithm, TYPES[signal.entry_style], signal.time_in_force)
    yield from slicing.parts(order)
    shown = algorithm.display_quantity
    yield "display_quantity", shown, "to be left out, for the order has no size yet", shown is None
    if algorithm.kind == AlgorithmKind.ICEBERG:
        valid = share is not None and _positive(share) and share < 1
        yield "display_fraction", share, "above 0 and below 1 for ICEBERG", valid
    else:
        yield slicing.left_out("display_fraction", share, algorithm)


def _positive(value: Decimal) -> bool:
    return value.is_finite() and value > 0
