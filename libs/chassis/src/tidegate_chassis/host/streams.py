"""What the stream holds of a shard's own messages, compared with its journal at every start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats.js.errors import NotFoundError

from tidegate_chassis.host import topology
from tidegate_chassis.host.envelope import HEADER, place
from tidegate_chassis.host.errors import StreamAhead

if TYPE_CHECKING:
    from tidegate_chassis.host.bus import Bus
    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_chassis.host.journal import Journal


async def refuse_stream_ahead(definition: ShardDefinition, bus: Bus, journal: Journal) -> None:
    """Raise `StreamAhead` if the stream knows more of this shard than its journal does."""
    heads = await journal.outbox_heads()
    context = bus.client.jetstream()
    for subject, stream in topology.own_subjects(definition.shard):
        try:
            message = await context.get_last_msg(stream, subject)
        except NotFoundError:
            continue
        if not message.headers or HEADER not in message.headers:
            continue
        channel, k = place(message.headers[HEADER])
        if channel in heads or topology.is_own_channel(definition.shard, channel):
            known = heads.get(channel, 0)
            if k > known:
                text = (
                    f"shard {definition.shard}: stream {stream} holds k={k} of channel {channel}, "
                    f"the journal ends at k={known}: the database is older than the stream (a "
                    "restored backup?). Nothing is decided: restore a database as new as the "
                    "stream, or begin a new session under another name"
                )
                raise StreamAhead(text)
