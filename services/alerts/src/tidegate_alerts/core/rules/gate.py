"""The gate: raised, lowered, asked to be lowered; and latches, raises that came without risk.

Only scopes that can concern this session are told: everything, the session itself and its own
strategies, its account, and every venue and symbol.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_alerts.core.finding import Finding
from tidegate_contracts.alerts import Severity
from tidegate_contracts.risk import GateAction, GateLevel
from tidegate_kernel.time import format_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_contracts.risk import GateEvent, GateLatch

RULE = "gate"
REQUEST = "gate-request"
LATCH = "gate-latch"


class GateSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the gate is told."""

    enabled: bool = True


class Ownership(msgspec.Struct, frozen=True, gc=False):
    """Whose scopes are told."""

    session: str
    account: str

    def covers(self, scope: str) -> bool:
        """Tell whether a scope can concern the session."""
        kind, _, name = scope.partition(":")
        if kind == "session":
            return name == self.session
        if kind == "account":
            return name == self.account
        return kind != "strategy" or name.startswith(f"{self.session}/")


def see_gate(owner: Ownership, event: GateEvent) -> Sequence[Finding]:
    """Return what an event of the gate gives rise to."""
    if not owner.covers(event.scope):
        return ()
    ended = tuple(_latch_over(latch, event.at_ns) for latch in event.latches)
    if event.action is GateAction.LOWERING_REQUESTED:
        return (_requested(event),)
    if event.action is GateAction.REQUEST_EXPIRED:
        return (_request_over(event),)
    if event.action is GateAction.LOWERED:
        return (_request_over(event), *_lowered(event), *ended)
    return (_raised(event), *ended)


def see_latch(owner: Ownership, latch: GateLatch) -> Sequence[Finding]:
    """Return the finding of a latch; it is over when the gate has folded it in."""
    if not owner.covers(latch.scope):
        return ()
    return (
        Finding(
            rule=LATCH,
            subject=latch.latch_id,
            severity=Severity.CRITICAL,
            title=f"Stopped without risk: {latch.level.name} for {latch.scope}",
            text=f"{latch.shard} obeys a raise that did not come through risk, by "
            f"{latch.principal}: {latch.reason}. Risk folds it into the gate when it is back.",
            event_at_ns=latch.at_ns,
        ),
    )


def _raised(event: GateEvent) -> Finding:
    mild = event.level is GateLevel.REDUCE_ONLY
    return Finding(
        rule=RULE,
        subject=event.scope,
        severity=Severity.WARNING if mild else Severity.CRITICAL,
        title=f"Gate raised to {event.level.name} for {event.scope}",
        text=f"By {event.principal}: {event.reason}",
        event_at_ns=event.at_ns,
        urgent=True,
    )


def _lowered(event: GateEvent) -> Sequence[Finding]:
    people = f"{event.principal} and {event.approver}" if event.approver else event.principal
    return (
        Finding(
            rule=RULE,
            subject=event.scope,
            severity=Severity.WARNING,
            title=f"Gate lowered to {event.level.name} for {event.scope}",
            text=f"By {people}: {event.reason}",
            event_at_ns=event.at_ns,
            over=event.level is GateLevel.OPEN,
            urgent=True,
        ),
    )


def _requested(event: GateEvent) -> Finding:
    until = format_time(event.request_expires_at_ns)
    return Finding(
        rule=REQUEST,
        subject=event.request_id,
        severity=Severity.WARNING,
        title=f"Lowering asked for: {event.requested_level.name} for {event.scope}",
        text=f"By {event.principal}: {event.reason}. Another principal may approve request "
        f"{event.request_id} until {until}.",
        event_at_ns=event.at_ns,
    )


def _request_over(event: GateEvent) -> Finding:
    done = event.action is GateAction.LOWERED
    return Finding(
        rule=REQUEST,
        subject=event.request_id,
        severity=Severity.WARNING,
        title=f"Request {'carried out' if done else 'expired'} for {event.scope}",
        text=f"Request {event.request_id} for {event.requested_level.name}.",
        event_at_ns=event.at_ns,
        over=True,
    )


def _latch_over(latch_id: str, at_ns: int) -> Finding:
    return Finding(
        rule=LATCH,
        subject=latch_id,
        severity=Severity.CRITICAL,
        title="Latch folded into the gate or ended",
        text=f"Latch {latch_id}.",
        event_at_ns=at_ns,
        over=True,
    )
