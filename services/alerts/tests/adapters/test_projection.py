"""What an alert leaves behind for queries."""

from __future__ import annotations

import json

from tidegate_alerts.adapters.projection import project
from tidegate_contracts.alerts import Alert, AlertState, Severity
from tidegate_contracts.market import FeedStatus


def test_the_newest_word_of_an_alert_replaces_the_older_one() -> None:
    """The row's key is the alert's id; state and severity are names."""
    alert = Alert(alert_id="fill-1", severity=Severity.CRITICAL, state=AlertState.RAISED)
    (row,) = project(alert)
    assert (row.kind, row.key) == ("alert", "fill-1")
    assert (row.document["severity"], row.document["state"]) == ("CRITICAL", "RAISED")
    assert json.loads(json.dumps(row.document)) == row.document


def test_other_messages_leave_nothing() -> None:
    """Only alerts are projected."""
    assert project(FeedStatus()) == []
