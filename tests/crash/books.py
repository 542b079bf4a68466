"""Everything that an instance wrote down: journals, outboxes and streams, read from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import asyncpg
import msgspec
import nats
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from tidegate_chassis.configuration import SERVICE_NAMES
from tidegate_chassis.host import topology
from tidegate_chassis.host.bus import Bus
from tidegate_chassis.host.envelope import HEADER, Envelope, unpack
from tidegate_chassis.host.inputs import InputKind
from tidegate_chassis.host.outbox import headers_of
from tidegate_cli.deployment.keys import credentials_file, read_credentials
from tidegate_cli.deployment.topology import definitions_of
from tidegate_contracts import codec, subjects
from tidegate_contracts.permissions import DEPLOY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats.js import JetStreamContext
    from tests.instances import Instance

    from tidegate_kernel.machine import Body

T = TypeVar("T", bound=msgspec.Struct)
_PAGE = 1_000
_IDLE_S = 60.0
_OUTBOX = "select channel, headers, payload from outbox order by shard, channel, k"
_JOURNAL = """
select shard, n, term, kind, name, channel, k, schema, payload, core
from journal order by shard, n
"""


class Message(msgspec.Struct, frozen=True):
    """A message with its place in its channel."""

    channel: str
    k: int
    schema: str
    previous_hash: bytes
    payload: bytes

    @property
    def body(self) -> Body:
        """What it says."""
        return codec.decode(self.schema, self.payload)


class Handled(msgspec.Struct, frozen=True):
    """One journalled input."""

    n: int
    term: int
    kind: int
    name: str
    channel: str
    k: int
    schema: str
    payload: bytes
    core: str = ""


class Reading(msgspec.Struct, frozen=True):
    """What a shard reads of one channel."""

    shard: str
    channel: str
    schemas: frozenset[str]


class Books(msgspec.Struct, frozen=True):
    """All of it."""

    outbox: dict[str, list[Message]]
    # In the order of the stream; what was published again is there again.
    stream: dict[str, list[Message]]
    # By shard.
    journal: dict[str, list[Handled]]
    readings: tuple[Reading, ...]

    def said(self, schema: str) -> list[Body]:
        """Return every message of a schema, in the order of its channel."""
        return [m.body for all_ in self.outbox.values() for m in all_ if m.schema == schema]

    def calls(self, shard: str, kind: type[T]) -> list[T]:
        """Return the commands of a kind that a shard has handled."""
        bodies = [
            codec.decode(row.schema, row.payload)
            for row in self.journal.get(shard, [])
            if row.kind == InputKind.CALLED
        ]
        return [body for body in bodies if isinstance(body, kind)]


async def read_books(instance: Instance) -> Books:
    """Read the databases of all services and all streams of a running instance."""
    outbox: dict[str, list[Message]] = {}
    journal: dict[str, list[Handled]] = {}
    for service in SERVICE_NAMES:
        database = await asyncpg.connect(instance.database_url(service))
        try:
            for row in await database.fetch(_OUTBOX):
                envelope = unpack(headers_of(row["headers"])[HEADER])
                outbox.setdefault(row["channel"], []).append(_message(envelope, row["payload"]))
            for row in await database.fetch(_JOURNAL):
                values = dict(row)
                journal.setdefault(values.pop("shard"), []).append(Handled(**values))
        finally:
            await database.close()
    return Books(outbox, await read_streams(instance), journal, readings(instance, list(outbox)))


def readings(instance: Instance, channels: Sequence[str]) -> tuple[Reading, ...]:
    """Return who reads what, from the definitions that the services give of their shards."""
    return tuple(
        Reading(each.shard, channel, topology.schemas_read(each.reads))
        for shards in definitions_of(instance.configuration).values()
        for each in shards
        for channel in channels
        if channel != each.shard and topology.reads_channel(each.reads, channel)
    )


async def read_streams(instance: Instance, url: str | None = None) -> dict[str, list[Message]]:
    """Read every stream from its first message to its last; of one that is down, at ``url``."""
    found: dict[str, list[Message]] = {}
    bus = Bus("audit", on_violation=_refuse)
    user, password = read_credentials(credentials_file(instance.folder / "secrets", DEPLOY))
    await bus.connect(instance.record.nats_url if url is None else url, user, password)
    try:
        context = bus.client.jetstream(timeout=20)
        for name in subjects.STREAMS:
            for message in await _read_stream(context, name):
                found.setdefault(message.channel, []).append(message)
    finally:
        await bus.close()
    return found


async def _read_stream(context: JetStreamContext, name: str) -> list[Message]:
    state = (await context.stream_info(name)).state
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.ALL, ack_policy=AckPolicy.NONE, inactive_threshold=_IDLE_S
    )
    consumer = await context.add_consumer(name, config)
    subscription = await context.pull_subscribe_bind(consumer.name, stream=name)
    found: list[Message] = []
    read = 0
    while read < state.messages:
        batch = await subscription.fetch(min(_PAGE, state.messages - read), timeout=20)
        read += len(batch)
        for each in batch:
            assert each.headers is not None, f"{name}: a message without an envelope"
            found.append(_message(unpack(each.headers[HEADER]), each.data))
    return found


def _message(envelope: Envelope, payload: bytes) -> Message:
    return Message(envelope.channel, envelope.k, envelope.schema, envelope.previous_hash, payload)


def _refuse(text: str) -> None:
    raise nats.errors.Error(text)
