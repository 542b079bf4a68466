"""Rows for queries: the newest word of every alert, kind ``alert``, by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.host.projection import Row
from tidegate_contracts.alerts import Alert

if TYPE_CHECKING:
    from tidegate_kernel.machine import Body

ALERT = "alert"


def project(body: Body) -> list[Row]:
    """Return the row that a published alert changes."""
    if isinstance(body, Alert):
        return [Row(ALERT, body.alert_id, document_of(body))]
    return []


def document_of(alert: Alert) -> dict[str, object]:
    """Return an alert as JSON can hold it: states and severities by name."""
    names = {"severity": alert.severity.name, "state": alert.state.name}
    return msgspec.structs.asdict(alert) | names
