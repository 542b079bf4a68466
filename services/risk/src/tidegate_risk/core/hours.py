"""When an order may work: in the regular session, or also around it if it asks for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import TimeInForce
from tidegate_kernel.hours import interval_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidegate_contracts.market import Instrument, OpenInterval
    from tidegate_contracts.signals import Signal
    from tidegate_risk.core.slicing import Judged

LIVES = (TimeInForce.UNSPECIFIED, TimeInForce.DAY, TimeInForce.GTC)
"""How long an order may work that asks for extended hours."""


def parts(lives: TimeInForce, *, limited: bool) -> Iterator[Judged]:
    """Judge what asks for extended hours: venues take limit orders that rest, and no others."""
    yield "extended_hours", True, "only for a LIMIT order, without a trigger", limited
    yield "time_in_force", lives, "DAY or GTC with extended_hours", lives in LIVES


def hours_of(signal: Signal, instrument: Instrument) -> Sequence[OpenInterval]:
    """Return the intervals in which the signal's order may work; none: always, or nobody knows.

    An exit that asks for extended hours of what has none is an exit all the same.
    """
    extended = instrument.extended_intervals if signal.extended_hours else ()
    return extended or instrument.open_intervals


def is_around_the_session(instrument: Instrument, now_ns: int) -> bool:
    """Tell whether it trades now for orders that ask for extended hours, and for no others."""
    extended = interval_at(instrument.extended_intervals, now_ns) is not None
    return extended and interval_at(instrument.open_intervals, now_ns) is None
