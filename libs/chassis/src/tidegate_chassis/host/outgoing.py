"""Dressing what a machine published: identity, place, causes, trace and signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host import topology
from tidegate_chassis.host.envelope import Envelope, pack_depends, unpack_depends
from tidegate_chassis.host.journal import OutboxRow
from tidegate_chassis.host.outbox import header_lines

if TYPE_CHECKING:
    from tidegate_chassis.host.engine import Taken
    from tidegate_chassis.host.inputs import Input
    from tidegate_chassis.host.shard import Shard


def dress(shard: Shard, taken: Taken) -> list[OutboxRow]:
    """Return the outbox rows of one input's messages."""
    if not taken.outgoing:
        return []
    cause = taken.input
    depends = _depends(shard, cause)
    rows = []
    for message in taken.outgoing:
        message_id = f"{shard.definition.shard}:{shard.term}:{message.n}.{message.index}"
        envelope = Envelope(
            message_id,
            message.channel,
            message.k,
            message.previous_hash,
            message.schema,
            message.at_ns,
            cause.message_id,
            cause.correlation_id or message_id,
            depends,
        ).pack()
        traceparent = shard.context.tracer.traceparent(shard, taken, message_id)
        signature = ""
        if message.schema in topology.SIGNED_SCHEMAS:
            signature = shard.context.sign(envelope, message.payload)
        rows.append(
            OutboxRow(
                message.channel,
                message.k,
                message.subject,
                header_lines(envelope, traceparent, signature),
                message.payload,
                message.n,
                message.at_ns,
            )
        )
    return rows


def _depends(shard: Shard, cause: Input) -> str:
    positions = unpack_depends(cause.depends)
    for channel, (k, _) in shard.engine.books.cursors.items():
        if channel == topology.SOURCE:
            continue
        positions[channel] = max(k, positions.get(channel, 0))
    return pack_depends(positions)
