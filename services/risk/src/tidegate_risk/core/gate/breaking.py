"""What the breakers of sessions do to the gate.

1. A trip raises its scope, once. From then on the gate keeps it, whatever becomes of the session.
2. While what made a breaker trip is not over, nobody lowers its scope.
3. In a lockstep session a declared policy may lower a breaker. Then the scope goes back to what the
   other breakers hold, if nothing but lockstep breakers has raised it: what a person, a latch or a
   live session has raised, no policy lowers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.risk import BreakerState
from tidegate_kernel.gate import Level

if TYPE_CHECKING:
    from tidegate_contracts.risk import BreakerEvent
    from tidegate_risk.core.gate.state import GateState


class HeldScope(msgspec.Struct, frozen=True):
    """What a breaker holds, by its session's last word."""

    session: str
    breaker: str
    scope: str
    level: Level
    trip: int
    over: bool
    reason: str


def key_of(event: BreakerEvent) -> str:
    """Name a breaker in its scope; scopes of breakers name their session."""
    return f"{event.breaker}|{event.scope}"


def raises(state: GateState, event: BreakerEvent) -> bool:
    """Tell whether a breaker's word is a trip that the gate has not raised for."""
    known = state.breakers.get(key_of(event))
    return event.state == BreakerState.TRIPPED and (known is None or known.trip < event.trip)


def remember(state: GateState, event: BreakerEvent) -> None:
    """Keep what a breaker holds, and forget one that holds nothing."""
    if event.state not in {BreakerState.TRIPPED, BreakerState.CLEARED}:
        state.breakers.pop(key_of(event), None)
        return
    state.breakers[key_of(event)] = HeldScope(
        session=event.session,
        breaker=event.breaker,
        scope=event.scope,
        level=Level(event.level),
        trip=event.trip,
        over=event.state == BreakerState.CLEARED,
        reason=event.reason,
    )


def level_left(state: GateState, scope: str) -> Level:
    """Return the worst level that breakers still hold in a scope."""
    held = (each.level for each in state.breakers.values() if each.scope == scope)
    return max(held, default=Level.OPEN)


def holding(
    state: GateState, scope: str, level: Level, retired: tuple[str, ...]
) -> HeldScope | None:
    """Return a breaker that is not over and holds a scope above a level."""
    for each in state.breakers.values():
        held = each.scope == scope and each.level > level and not each.over
        if held and each.session not in retired:
            return each
    return None
