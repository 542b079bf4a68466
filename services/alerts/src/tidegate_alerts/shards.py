"""The shards of the alerts service: one for each session, and the channels that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_alerts.adapters.addresses import channels_of, environment
from tidegate_alerts.adapters.channels import ChannelsPort
from tidegate_alerts.config import AlertsSettings, parameters_of, settings_of
from tidegate_alerts.core.delivery import PORT
from tidegate_alerts.core.machine import AlertsMachine
from tidegate_chassis.host.definition import Port, ShardDefinition
from tidegate_contracts.execution import AccountEntry, Fill, OrderEvent
from tidegate_contracts.market import FeedStatus
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_contracts.risk import BreakerEvent, GateEvent, GateLatch, LimitsChanged, Verdict
from tidegate_contracts.subjects import filter_of

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import Configuration, Session

OF_THE_SESSION = (
    Verdict,
    OrderEvent,
    Fill,
    AccountEntry,
    AccountSnapshot,
    GateLatch,
    BreakerEvent,
    LimitsChanged,
)


def shards_of(configuration: Configuration) -> list[ShardDefinition]:
    """Return the shard of each session; they share the channels, whose addresses must be there."""
    settings = settings_of(configuration.alerts)
    port = ChannelsPort(channels_of(settings, environment()))
    return [shard_of(settings, session, port) for session in configuration.sessions]


def shard_of(settings: AlertsSettings, session: Session, port: Port) -> ShardDefinition:
    """Return the shard of a session; ``port`` delivers what people are to know."""
    return ShardDefinition(
        shard=f"alerts/{session.name}",
        session=session.name,
        machine=AlertsMachine,
        parameters=parameters_of(settings, session),
        reads=(
            filter_of(FeedStatus, feed=session.feed_name),
            *(filter_of(kind, session=session.name) for kind in OF_THE_SESSION),
            filter_of(GateEvent),
        ),
        ports={PORT: port},
        lockstep=session.clock == "lockstep",
        speed=session.speed,
        replay=session.feed.kind == "replay",
    )
