"""The port `channels`: the log, and any of apprise's services, webhooks among them.

A delivery that fails is an answer, not an error: the machine tries it again. The addresses of
channels are secrets; they are read from the environment by name and appear nowhere else.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

import structlog

from tidegate_chassis.telemetry import PROCESS, names
from tidegate_contracts.alerts import Alert, AlertDelivered, AlertState, DeliverAlert, Severity
from tidegate_kernel.time import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate_kernel.machine import Body

LOG = structlog.get_logger("alerts")
THREADS_MAX = 4
_WEBHOOKS = {"http://": "json://", "https://": "jsons://"}


class Channel(Protocol):
    """One way to reach people."""

    async def deliver(self, alert: Alert) -> str:
        """Deliver an alert; return why that failed, or nothing when it is delivered."""
        ...


class ChannelsPort:
    """Hands deliveries to their channels.

    Not safe to repeat: no channel recognises a request id, so a delivery that a crash cut short
    is reported as interrupted, and the machine delivers it again.
    """

    repeat_safe = False

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        """``channels`` by the names that the machine knows."""
        self._channels = channels

    async def call(self, request: Body, request_id: str) -> AlertDelivered:
        """Deliver an alert through the channel that it names."""
        assert isinstance(request, DeliverAlert), f"request {request_id}: {type(request).__name__}"
        reason = await self._channels[request.channel].deliver(request.alert)
        if reason:
            LOG.warning("alert not delivered", channel=request.channel, reason=reason)
            PROCESS.count(names.ALERT_FAILURES, (request.channel,))
        return AlertDelivered(channel=request.channel, delivered=not reason, reason=reason)


class LogChannel:
    """Writes alerts to the service's log."""

    async def deliver(self, alert: Alert) -> str:
        """Write one line, at the level of the alert's severity."""
        over = alert.state is AlertState.RESOLVED
        level = "info" if over else _LOG_LEVELS.get(alert.severity, "info")
        getattr(LOG, level)(
            alert.title,
            session=alert.session,
            alert=alert.alert_id,
            rule=alert.rule,
            severity=alert.severity.name,
            state=alert.state.name,
            text=alert.text,
            occurrences=alert.occurrences,
            event_at=format_time(alert.event_at_ns),
        )
        return ""


class AppriseChannel:
    """Sends alerts to an apprise address; a web address gets a JSON document by POST.

    Apprise blocks, so it runs in a thread. After ``timeout_s`` the delivery counts as failed,
    although it may still arrive: people may get an alert twice, and never not at all.
    """

    def __init__(self, address: str, timeout_s: float, threads: ThreadPoolExecutor) -> None:
        """``address`` is a secret; `configured` tells beforehand whether apprise knows it."""
        self._address = apprise_address(address)
        self._timeout_s = timeout_s
        self._threads = threads

    async def deliver(self, alert: Alert) -> str:
        """Send the alert and wait for the service's answer."""
        running = asyncio.get_running_loop()
        sending = running.run_in_executor(self._threads, self._send, alert)
        try:
            delivered = await asyncio.wait_for(sending, self._timeout_s)
        except TimeoutError:
            return f"no answer within {self._timeout_s:g} s"
        return "" if delivered else "the service did not take it"

    def _send(self, alert: Alert) -> bool:
        from apprise import Apprise

        sender = Apprise()
        sender.add(self._address)
        kind = "success" if alert.state is AlertState.RESOLVED else _KINDS[alert.severity]
        return bool(sender.notify(body=text_of(alert), title=title_of(alert), notify_type=kind))


def apprise_threads() -> ThreadPoolExecutor:
    """Return the threads that all apprise channels share."""
    return ThreadPoolExecutor(THREADS_MAX, thread_name_prefix="apprise")


def apprise_address(address: str) -> str:
    """Return apprise's own form of an address: a web address is a JSON webhook."""
    for prefix, replacement in _WEBHOOKS.items():
        if address.startswith(prefix):
            return replacement + address.removeprefix(prefix)
    return address


def configured(address: str) -> bool:
    """Tell whether apprise knows how to reach an address."""
    from apprise import Apprise

    return Apprise().add(apprise_address(address))


def title_of(alert: Alert) -> str:
    """Return the line that people see first."""
    word = "resolved" if alert.state is AlertState.RESOLVED else alert.severity.name.lower()
    return f"[{word}] {alert.session}: {alert.title}"


def text_of(alert: Alert) -> str:
    """Return everything that is known, for people."""
    times = f", {alert.occurrences} times" if alert.occurrences > 1 else ""
    about = f"{alert.rule}{times}, at {format_time(alert.event_at_ns)}, id {alert.alert_id}"
    return f"{alert.text}\n{about}"


_KINDS = {
    Severity.INFO: "info",
    Severity.WARNING: "warning",
    Severity.CRITICAL: "failure",
}
_LOG_LEVELS = {Severity.WARNING: "warning", Severity.CRITICAL: "error"}
