"""What the alerts machine is told once. Addresses of channels are secrets and are not among it."""

from __future__ import annotations

import msgspec

from tidegate_alerts.core.rules import RulesSettings
from tidegate_contracts.alerts import Severity
from tidegate_kernel.time import NS_PER_SECOND

LOG_CHANNEL = "log"
"""The kind of channel that stays on this machine."""


class ChannelParameters(msgspec.Struct, frozen=True, kw_only=True):
    """A way to reach people, by name."""

    name: str
    # `log`, `webhook` or `apprise`.
    kind: str
    severity_min: Severity = Severity.INFO


class DeliverySettings(msgspec.Struct, frozen=True, kw_only=True):
    """How hard a delivery is tried."""

    attempts_max: int = 8
    # Session time before the second attempt; doubled for each further one.
    retry_ns: int = 5 * NS_PER_SECOND
    retry_ns_max: int = 600 * NS_PER_SECOND
    # Whether people are told that an alert is over.
    resolved: bool = True
    # Whether lockstep sessions deliver through other channels than the log.
    in_replay: bool = False


class AlertsParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides what one session's alerts are."""

    session: str
    account: str
    lockstep: bool
    channels: tuple[ChannelParameters, ...] = ()
    rules: RulesSettings = RulesSettings()
    delivery: DeliverySettings = DeliverySettings()
    # Event time within which a repetition is only counted.
    quiet_ns: int = 3_600 * NS_PER_SECOND
    # Alerts kept; beyond, the oldest that nobody waits for is forgotten.
    alerts_max: int = 1_000

    def open_channels(self) -> tuple[ChannelParameters, ...]:
        """Return the channels that this session delivers through."""
        if self.lockstep and not self.delivery.in_replay:
            return tuple(each for each in self.channels if each.kind == LOG_CHANNEL)
        return self.channels
