"""The machines of a recorded session, as this code and a configuration make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from tidegate_alerts.config import settings_of
from tidegate_alerts.shards import shard_of as alerts_of
from tidegate_chassis.configuration import Configuration
from tidegate_chassis.host.definition import ShardDefinition
from tidegate_chassis.host.version import core_version
from tidegate_chassis.recorded.errors import NotRecorded
from tidegate_contracts.market import Bar, Instrument
from tidegate_execution.shards import shards_of_session
from tidegate_market_data.adapters.catalog import read_replay
from tidegate_market_data.config import live_settings, replay_settings
from tidegate_market_data.core.feed import FeedMachine, FeedParameters
from tidegate_market_data.errors import DataError
from tidegate_market_data.shards import live_shard_of, replay_parameters
from tidegate_portfolio.shards import shards_of as books_of
from tidegate_risk.shards import shards_of as risk_of
from tidegate_signals.shards import shards_of as signals_of

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Session
    from tidegate_chassis.recorded.recording import Recording
    from tidegate_kernel.machine import Body


class ClosedPort:
    """Where a replayed machine's requests go: nowhere. Recorded outcomes are all it gets."""

    repeat_safe = True

    async def call(self, request: Body, request_id: str) -> Body:
        """Never used: a replay performs no effect."""
        message = f"request {request_id} ({type(request).__name__}) of a replay must not be made"
        raise AssertionError(message)


def session_of(configuration: Configuration, name: str) -> Session:
    """Return a session of a configuration by its name."""
    for session in configuration.sessions:
        if session.name == name:
            return session
    known = ", ".join(session.name for session in configuration.sessions) or "none"
    raise NotRecorded("the name of a recorded session", repr(name), f"recorded: {known}")


def feed_shard_of(configuration: Configuration, name: str) -> str:
    """Return the name of the shard that is a session's feed."""
    return f"market-data/{session_of(configuration, name).feed_name}"


def definitions_of(
    recording: Recording, name: str, configuration: Configuration | None = None
) -> list[ShardDefinition]:
    """Return every shard that served a session, upstream first, the gate's shard included.

    ``configuration`` takes the recorded one's place: the session under other parameters.
    """
    used = configuration or recording.configuration
    return [_feed(recording, session_of(used, name)), *readers_of(used, name)]


def readers_of(configuration: Configuration, name: str) -> list[ShardDefinition]:
    """Return the shards of a session that read its feed, and the gate's."""
    session = session_of(configuration, name)
    alone = Configuration(sessions=(session,))
    alerts = settings_of(configuration.alerts)
    return [
        *signals_of(alone),
        *risk_of(alone),
        *shards_of_session(session),
        *books_of(alone),
        alerts_of(alerts, session, ClosedPort()),
    ]


def definition_of(recording: Recording, name: str, shard: str) -> ShardDefinition:
    """Return one of a session's shards."""
    feed = feed_shard_of(recording.configuration, name)
    if shard == feed:
        return _feed(recording, session_of(recording.configuration, name))
    readers = {each.shard: each for each in readers_of(recording.configuration, name)}
    if shard not in readers:
        known = ", ".join([feed, *readers])
        raise NotRecorded(f"a shard of session {name}", repr(shard), f"it has {known}")
    return readers[shard]


def _feed(recording: Recording, session: Session) -> ShardDefinition:
    """Return the feed's shard, made from what it said; its data file is only asked in doubt.

    The instruments of a feed come from its data. All that had a bar were said, so the file is
    needed only if it names one without any.
    """
    if session.feed.is_live:
        return live_shard_of(live_settings(Configuration(sessions=(session,)))[0])
    shard = f"market-data/{session.feed_name}"
    parameters = _said(recording, shard, session)
    written_by = next((each.core for each in recording.rows(shard, 0, 1)), "")
    if core_version(FeedMachine, parameters) != written_by:
        parameters = _from_file(session, parameters)
    return ShardDefinition(
        shard=shard,
        session=session.name,
        machine=FeedMachine,
        parameters=parameters,
        reads=(),
        lockstep=session.clock == "lockstep",
        replay=True,
    )


def _said(recording: Recording, shard: str, session: Session) -> FeedParameters:
    instruments: dict[tuple[str, str], Instrument] = {}
    timeframe_ns = 0
    for message in recording.messages(shard):
        if message.schema.endswith(".Instrument"):
            body = message.body
            assert isinstance(body, Instrument)
            # Greeks are said with an instrument again and again, and are no part of the feed.
            instruments[body.venue, body.symbol] = replace(body, greeks=None)
        elif not timeframe_ns and message.schema.endswith(".Bar"):
            bar = message.body
            assert isinstance(bar, Bar)
            timeframe_ns = bar.timeframe_ns
    known = tuple(instruments[place] for place in sorted(instruments))
    return replay_parameters(session, known, timeframe_ns)


def _from_file(session: Session, said: FeedParameters) -> FeedParameters:
    try:
        dataset = read_replay(replay_settings(session))
    except (DataError, OSError):
        return said  # the data are gone; what was said of them is all there is
    return replay_parameters(session, dataset.instruments, dataset.timeframe_ns)
