"""The breakers of the session: tripped, over, lowered, or pausing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_alerts.core.finding import Finding
from tidegate_contracts.alerts import Severity
from tidegate_contracts.risk import BreakerState, GateLevel
from tidegate_kernel.time import format_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_contracts.risk import BreakerEvent

RULE = "breaker"


class BreakersSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whether breakers are told."""

    enabled: bool = True


def see_breaker(event: BreakerEvent) -> Sequence[Finding]:
    """Return what a breaker's word gives rise to; it is over when the breaker is armed again."""
    return (
        Finding(
            rule=RULE,
            subject=f"{event.breaker}|{event.scope}",
            severity=_severity(event),
            title=_title(event),
            text=_text(event),
            event_at_ns=event.at_ns,
            over=event.state is BreakerState.ARMED,
            urgent=event.state is BreakerState.TRIPPED,
        ),
    )


def _severity(event: BreakerEvent) -> Severity:
    if event.state is BreakerState.PAUSED:
        return Severity.INFO
    shut = event.state is BreakerState.TRIPPED and event.level is not GateLevel.REDUCE_ONLY
    return Severity.CRITICAL if shut else Severity.WARNING


def _title(event: BreakerEvent) -> str:
    name = f"Breaker {event.breaker} of {event.scope}"
    match event.state:
        case BreakerState.TRIPPED:
            return f"{name} tripped: {event.level.name}"
        case BreakerState.CLEARED:
            return f"{name} is over and holds {event.level.name} until it is lowered"
        case BreakerState.RECOVERING:
            return f"{name} was lowered; sizes grow back"
        case BreakerState.PAUSED:
            return f"{name} pauses"
        case _:
            return f"{name} is armed again"


def _text(event: BreakerEvent) -> str:
    parts = [event.reason]
    if event.state is BreakerState.CLEARED:
        parts.append(f"Two principals may lower {event.scope} now")
    if event.principal:
        parts.append(f"lowered by {event.principal}")
    if event.until_ns:
        parts.append(f"until {format_time(event.until_ns)}")
    return "; ".join(parts) + "."
