"""Deliveries under way: at least once through each channel, the newest word of each alert.

1. An alert that is said makes one request for each channel that takes its severity. A newer word
   of the same alert replaces the older one in the same channel.
2. A failure, or an outcome that nobody knows, is tried again after a while that doubles, from
   `DeliverySettings`. The timers make no instant of their own.
3. After ``attempts_max`` the delivery is given up, and the channel itself becomes an alert, told
   through the other channels. It is over with the channel's next success.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_alerts.core.finding import Finding
from tidegate_contracts.alerts import Alert, AlertDelivered, AlertState, DeliverAlert, Severity
from tidegate_kernel.machine import CancelTimer, Request, SetTimer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidegate_alerts.core.parameters import ChannelParameters, DeliverySettings
    from tidegate_kernel.machine import Effect

PORT = "channels"
RULE = "delivery"
DOUBLINGS_MAX = 20


class Pending(msgspec.Struct):
    """A delivery without success so far."""

    channel: str
    alert: Alert
    attempts: int = 1
    # True between a failure and the next attempt.
    waiting: bool = False


class Deliveries(msgspec.Struct):
    """All deliveries under way, by alert and channel."""

    pending: dict[str, Pending] = {}

    def start(
        self, alert: Alert, channels: Iterable[ChannelParameters], settings: DeliverySettings
    ) -> list[Effect]:
        """Ask every channel that takes it to deliver an alert."""
        if alert.state is AlertState.RESOLVED and not settings.resolved:
            return []
        effects: list[Effect] = []
        for channel in channels:
            if alert.severity < channel.severity_min:
                continue
            key = _key(alert.alert_id, channel.name)
            replaced = self.pending.get(key)
            if replaced is not None and replaced.waiting:
                effects.append(CancelTimer(key))
            self.pending[key] = Pending(channel.name, alert)
            effects.append(_request(self.pending[key]))
        return effects

    def succeed(self, request: DeliverAlert) -> bool:
        """Note a success; tell whether it is news (a late copy of an older word is not)."""
        key = _key(request.alert.alert_id, request.channel)
        pending = self.pending.get(key)
        if pending is None or pending.alert != request.alert:
            return False
        del self.pending[key]
        return True

    def fail(
        self, request: DeliverAlert, settings: DeliverySettings, now_ns: int
    ) -> tuple[Sequence[Effect], bool]:
        """Plan the next attempt; return its timer, and whether the delivery was given up."""
        key = _key(request.alert.alert_id, request.channel)
        pending = self.pending.get(key)
        if pending is None or pending.alert != request.alert or pending.waiting:
            return (), False
        if pending.attempts >= settings.attempts_max:
            del self.pending[key]
            return (), True
        doublings = min(pending.attempts - 1, DOUBLINGS_MAX)
        delay_ns = min(settings.retry_ns << doublings, settings.retry_ns_max)
        pending.waiting = True
        return (SetTimer(key, now_ns + delay_ns, makes_instant=False),), False

    def retry(self, key: str) -> Sequence[Effect]:
        """Try a delivery again whose time has come."""
        pending = self.pending.get(key)
        if pending is None or not pending.waiting:
            return ()
        pending.waiting = False
        pending.attempts += 1
        return (_request(pending),)


def undeliverable(request: DeliverAlert, reason: str, at_ns: int) -> Finding:
    """Return the finding that a channel does not take alerts."""
    return Finding(
        rule=RULE,
        subject=request.channel,
        severity=Severity.WARNING,
        title=f"Channel {request.channel} does not take alerts",
        text=f"Given up: {request.alert.title!r}. The last answer: {reason}",
        event_at_ns=at_ns,
    )


def deliverable(answer: AlertDelivered, at_ns: int) -> Finding:
    """Return the finding that a channel takes alerts again."""
    return Finding(
        rule=RULE,
        subject=answer.channel,
        severity=Severity.WARNING,
        title=f"Channel {answer.channel} takes alerts again",
        text="An alert was delivered through it.",
        event_at_ns=at_ns,
        over=True,
    )


def _key(alert_id: str, channel: str) -> str:
    return f"{alert_id}@{channel}"


def _request(pending: Pending) -> Request:
    return Request(PORT, DeliverAlert(channel=pending.channel, alert=pending.alert))
