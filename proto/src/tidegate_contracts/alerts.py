# Generated from proto/tidegate/alerts/v1/alerts.proto by `make generate`; do not edit.
"""Alerts: what a person should know."""

from enum import IntEnum

import msgspec


class Severity(IntEnum):
    """The values of `tidegate.alerts.v1.Severity`."""

    UNSPECIFIED = 0
    INFO = 1
    WARNING = 2
    CRITICAL = 3


class AlertState(IntEnum):
    """The values of `tidegate.alerts.v1.AlertState`."""

    UNSPECIFIED = 0
    RAISED = 1
    REPEATED = 2
    ACKNOWLEDGED = 3
    RESOLVED = 4


class Alert(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An alert was raised, repeated, acknowledged or resolved."""

    session: str = ""
    alert_id: str = ""
    """Equal for repetitions of the same thing."""
    rule: str = ""
    """The rule: fill, refusals, gate, drawdown, stale-feed..."""
    severity: Severity = Severity.UNSPECIFIED
    state: AlertState = AlertState.UNSPECIFIED
    title: str = ""
    text: str = ""
    event_at_ns: int = 0
    occurrences: int = 0
    """How often it has happened since it was raised."""
    principal: str = ""
    """Who acknowledged it."""


class AcknowledgeAlert(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Command: acknowledge an alert."""

    session: str = ""
    alert_id: str = ""
    principal: str = ""


class DeliverAlert(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Port request: deliver an alert through a channel. The alert carries all that is said."""

    channel: str = ""
    alert: Alert


class AlertDelivered(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Port answer: delivered, or why not."""

    channel: str = ""
    delivered: bool = False
    reason: str = ""
