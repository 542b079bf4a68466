"""The alerts that are known: deduplicated, counted, acknowledged, bounded."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from tidegate_alerts.core.states import ALERTS, Happening
from tidegate_contracts.alerts import Alert, AlertState

if TYPE_CHECKING:
    from tidegate_alerts.core.finding import Finding

ID_DIGITS = 12
_EPISODE_ENDED = (AlertState.ACKNOWLEDGED, AlertState.RESOLVED)


class Known(msgspec.Struct):
    """An alert as it was last said, and what has happened since."""

    alert: Alert
    occurrences: int
    said_at_ns: int


class AlertBook(msgspec.Struct):
    """Every known alert by its id, the longest unchanged first."""

    known: dict[str, Known] = {}

    def take(self, session: str, finding: Finding, quiet_ns: int) -> Alert | None:
        """Enter a finding; return the alert if it is to be said, None if it is only counted."""
        alert_id = alert_id_of(session, finding.rule, finding.subject)
        entry = self.known.get(alert_id)
        if entry is None:
            return None if finding.over else self._say(alert_id, session, finding, None)
        state = ALERTS.next(entry.alert.state, _happening(entry, finding, quiet_ns))
        if not finding.over:
            entry.occurrences += 1
        if state is None:
            return None
        again = state is AlertState.RAISED and entry.alert.state in _EPISODE_ENDED
        if again:
            entry.occurrences = 1
        return self._say(alert_id, session, finding, state)

    def acknowledge(self, alert_id: str, principal: str) -> tuple[Alert | None, bool]:
        """Note who has taken notice; return the alert, if known, and whether that is news."""
        entry = self.known.get(alert_id)
        if entry is None:
            return None, False
        state = ALERTS.next(entry.alert.state, Happening.ACKNOWLEDGED)
        if state is None:
            return entry.alert, False
        entry.alert = msgspec.structs.replace(
            entry.alert, state=state, principal=principal, occurrences=entry.occurrences
        )
        return entry.alert, True

    def forget(self, alerts_max: int) -> None:
        """Keep at most ``alerts_max``: forget resolved ones first, then acknowledged, then any."""
        while len(self.known) > alerts_max:
            del self.known[self._least_needed()]

    def _say(
        self, alert_id: str, session: str, finding: Finding, state: AlertState | None
    ) -> Alert:
        entry = self.known.pop(alert_id, None)
        occurrences = 1 if entry is None else entry.occurrences
        over = finding.over and entry is not None
        alert = Alert(
            session=session,
            alert_id=alert_id,
            rule=finding.rule,
            severity=entry.alert.severity if over and entry else finding.severity,
            state=state or AlertState.RAISED,
            title=finding.title,
            text=finding.text,
            event_at_ns=finding.event_at_ns,
            occurrences=occurrences,
        )
        self.known[alert_id] = Known(alert, occurrences, finding.event_at_ns)
        return alert

    def _least_needed(self) -> str:
        for state in (AlertState.RESOLVED, AlertState.ACKNOWLEDGED):
            for alert_id, entry in self.known.items():
                if entry.alert.state is state:
                    return alert_id
        return next(iter(self.known))


def alert_id_of(session: str, rule: str, subject: str) -> str:
    """Return the id that all findings of a rule and subject share."""
    digest = hashlib.sha256(f"{session}|{rule}|{subject}".encode()).hexdigest()
    return f"{rule}-{digest[:ID_DIGITS]}"


def _happening(entry: Known, finding: Finding, quiet_ns: int) -> Happening:
    if finding.over:
        return Happening.OVER
    if finding.severity > entry.alert.severity:
        return Happening.WORSENED
    quiet = finding.event_at_ns - entry.said_at_ns < quiet_ns
    return Happening.SEEN_QUIETLY if quiet and not finding.urgent else Happening.SEEN
