"""The limits of the session: changed, asked to be looser, or held back at a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_alerts.core.finding import Finding
from tidegate_contracts.alerts import Severity
from tidegate_contracts.risk import LimitsAction
from tidegate_kernel.time import format_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_contracts.risk import LimitChange, LimitsChanged

RULE = "limits"
REQUEST = "limits-request"
_TOLD_MAX = 5


class LimitsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whether changes of limits are told."""

    enabled: bool = True


def see_limits(event: LimitsChanged) -> Sequence[Finding]:
    """Return what a change, or a request for one, gives rise to."""
    if event.action is LimitsAction.PROPOSED:
        return (_requested(event),)
    if event.action is LimitsAction.EXPIRED:
        return (_request_over(event, "expired"),)
    if event.request_id:
        return (_request_over(event, "approved"), _changed(event))
    return (_changed(event),)


def _changed(event: LimitsChanged) -> Finding:
    held_back = event.action is LimitsAction.HELD_BACK
    looser = any(change.looser for change in event.changes)
    people = " and ".join(filter(None, (event.principal, event.approver)))
    what = "held back: the configuration's are looser" if held_back else "changed"
    return Finding(
        rule=RULE,
        subject=f"{event.session}|{event.version}|{event.document_sha256}",
        severity=Severity.WARNING if looser else Severity.INFO,
        title=f"Limits of {event.session} {what}; version {event.version} is in force",
        text=f"By {people}: {event.reason}. {_told(event.changes)}",
        event_at_ns=event.at_ns,
        urgent=looser,
    )


def _requested(event: LimitsChanged) -> Finding:
    until = format_time(event.request_expires_at_ns)
    return Finding(
        rule=REQUEST,
        subject=event.request_id,
        severity=Severity.WARNING,
        title=f"Looser limits asked for: {event.session}",
        text=f"By {event.principal}: {event.reason}. Another principal may approve "
        f"{event.request_id} until {until}. {_told(event.changes)}",
        event_at_ns=event.at_ns,
    )


def _request_over(event: LimitsChanged, what: str) -> Finding:
    return Finding(
        rule=REQUEST,
        subject=event.request_id,
        severity=Severity.WARNING,
        title=f"Request for looser limits {what}: {event.session}",
        text=f"Request {event.request_id}.",
        event_at_ns=event.at_ns,
        over=True,
    )


def _told(changes: Sequence[LimitChange]) -> str:
    told = [f"{c.scope} {c.name}: {c.before} to {c.after}" for c in changes[:_TOLD_MAX]]
    left = len(changes) - len(told)
    return "; ".join([*told, f"{left} more"] if left else told)
