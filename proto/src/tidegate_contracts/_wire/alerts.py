# Generated from proto/tidegate/alerts/v1/alerts.proto by `make generate`; do not edit.
# ruff: noqa: ANN401 -- upb messages have no static types.
"""Codecs of `tidegate_contracts.alerts`."""

from typing import Any

from tidegate_contracts._wire.checks import Codec, Members, present
from tidegate_contracts.alerts import (
    AcknowledgeAlert,
    Alert,
    AlertDelivered,
    AlertState,
    DeliverAlert,
    Severity,
)

_ALERT_STATE = Members(AlertState)
_SEVERITY = Members(Severity)


def write_alert(wire: Any, body: Alert) -> None:
    """Fill a wire message from a `Alert`."""
    wire.session = body.session
    wire.alert_id = body.alert_id
    wire.rule = body.rule
    wire.severity = body.severity
    wire.state = body.state
    wire.title = body.title
    wire.text = body.text
    wire.event_at_ns = body.event_at_ns
    wire.occurrences = body.occurrences
    wire.principal = body.principal


def read_alert(wire: Any) -> Alert:
    """Make a `Alert` from a wire message."""
    return Alert(
        session=wire.session,
        alert_id=wire.alert_id,
        rule=wire.rule,
        severity=_SEVERITY[wire.severity],
        state=_ALERT_STATE[wire.state],
        title=wire.title,
        text=wire.text,
        event_at_ns=wire.event_at_ns,
        occurrences=wire.occurrences,
        principal=wire.principal,
    )


def write_acknowledge_alert(wire: Any, body: AcknowledgeAlert) -> None:
    """Fill a wire message from a `AcknowledgeAlert`."""
    wire.session = body.session
    wire.alert_id = body.alert_id
    wire.principal = body.principal


def read_acknowledge_alert(wire: Any) -> AcknowledgeAlert:
    """Make a `AcknowledgeAlert` from a wire message."""
    return AcknowledgeAlert(
        session=wire.session,
        alert_id=wire.alert_id,
        principal=wire.principal,
    )


def write_deliver_alert(wire: Any, body: DeliverAlert) -> None:
    """Fill a wire message from a `DeliverAlert`."""
    wire.channel = body.channel
    wire.alert.SetInParent()
    write_alert(wire.alert, body.alert)


def read_deliver_alert(wire: Any) -> DeliverAlert:
    """Make a `DeliverAlert` from a wire message."""
    return DeliverAlert(
        channel=wire.channel,
        alert=read_alert(present(wire, "alert")),
    )


def write_alert_delivered(wire: Any, body: AlertDelivered) -> None:
    """Fill a wire message from a `AlertDelivered`."""
    wire.channel = body.channel
    wire.delivered = body.delivered
    wire.reason = body.reason


def read_alert_delivered(wire: Any) -> AlertDelivered:
    """Make a `AlertDelivered` from a wire message."""
    return AlertDelivered(
        channel=wire.channel,
        delivered=wire.delivered,
        reason=wire.reason,
    )


CODECS: tuple[Codec, ...] = (
    Codec(Alert, "tidegate.alerts.v1.Alert", write_alert, read_alert),
    Codec(
        AcknowledgeAlert,
        "tidegate.alerts.v1.AcknowledgeAlert",
        write_acknowledge_alert,
        read_acknowledge_alert,
    ),
    Codec(DeliverAlert, "tidegate.alerts.v1.DeliverAlert", write_deliver_alert, read_deliver_alert),
    Codec(
        AlertDelivered,
        "tidegate.alerts.v1.AlertDelivered",
        write_alert_delivered,
        read_alert_delivered,
    ),
)
