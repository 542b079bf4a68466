"""Streams and durable consumers: made by the deploy job, never by a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from tidegate_chassis.host import topology
from tidegate_chassis.host.bus import Bus
from tidegate_contracts import subjects

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nats.js import JetStreamContext

    from tidegate_chassis.host.definition import ShardDefinition

ACK_WAIT_S = 30.0
ACKS_PENDING_MAX = 20_000


async def ensure_streams(
    url: str, user: str, password: str, definitions: Iterable[ShardDefinition]
) -> None:
    """Create every declared stream, and one durable per shard and stream that it reads.

    What exists is left as it is, but for what a newer version has added: that streams take
    batches, subjects of streams, and what durables read. Nothing is ever deleted here.
    """
    bus = Bus("deploy", on_violation=_refuse)
    await bus.connect(url, user, password)
    try:
        context = bus.client.jetstream(timeout=10)
        for stream in subjects.STREAMS.values():
            await _ensure_stream(context, stream.name)
        for definition in definitions:
            reads = topology.whole_channels(definition.reads)
            for stream_name, filters in subjects.streams_of(reads).items():
                await _ensure_durable(context, definition.shard, stream_name, filters)
    finally:
        await bus.close()


def _refuse(text: str) -> None:
    message = f"the deploy user may not administer streams: {text}"
    raise PermissionError(message)


async def _ensure_stream(context: JetStreamContext, name: str) -> None:
    declared = subjects.STREAMS[name]
    try:
        found = await context.stream_info(name)
        held = found.config.subjects or []
        wanted = [*held, *(each for each in declared.subjects if each not in held)]
        if not found.config.allow_atomic or wanted != held:
            await context.update_stream(found.config.evolve(allow_atomic=True, subjects=wanted))
    except NotFoundError:
        await context.add_stream(
            StreamConfig(
                name=name,
                description=declared.description,
                subjects=list(declared.subjects),
                retention=RetentionPolicy.LIMITS,
                max_age=declared.retention_s,
                max_bytes=declared.bytes_max,
                discard=DiscardPolicy.NEW,
                storage=StorageType.FILE,
                num_replicas=declared.replicas,
                allow_direct=declared.allow_direct,
                allow_atomic=True,
            )
        )


async def _ensure_durable(
    context: JetStreamContext, shard: str, stream: str, filters: tuple[str, ...]
) -> None:
    name = subjects.durable_name(shard)
    try:
        found = await context.consumer_info(stream, name)
        alone = [found.config.filter_subject] if found.config.filter_subject else []
        held = found.config.filter_subjects or alone
        if set(filters) != set(held):
            config = found.config.evolve(filter_subject=None, filter_subjects=list(filters))
            await context.add_consumer(stream, config)
    except NotFoundError:
        await context.add_consumer(
            stream,
            ConsumerConfig(
                durable_name=name,
                deliver_policy=DeliverPolicy.ALL,
                ack_policy=AckPolicy.ALL,
                ack_wait=ACK_WAIT_S,
                max_ack_pending=ACKS_PENDING_MAX,
                filter_subjects=list(filters),
            ),
        )
