"""What the stream holds of a shard's own messages, compared with its journal at every start."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nats.js.errors import NotFoundError

from tidegate_chassis.host import topology
from tidegate_chassis.host.envelope import HEAD_HEADER, HEADER, place
from tidegate_chassis.host.errors import StreamAhead

if TYPE_CHECKING:
    from tidegate_chassis.host.bus import Bus
    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_chassis.host.journal import Journal


async def refuse_stream_ahead(definition: ShardDefinition, bus: Bus, journal: Journal) -> None:
    """Raise `StreamAhead` if the stream knows more of this shard than its journal does.

    A takeover waits for the answers, so all questions are asked at once.
    """
    heads = await journal.outbox_heads()
    own = topology.own_subjects(definition.shard)
    places = await asyncio.gather(*(_last_place(bus, subject, stream) for subject, stream in own))
    for (_, stream), found in zip(own, places, strict=True):
        if found is None:
            continue
        channel, k = found
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


async def _last_place(bus: Bus, subject: str, stream: str) -> tuple[str, int] | None:
    """Return a channel, and how far it was said by the last message on a subject in a stream."""
    try:
        message = await bus.client.jetstream().get_last_msg(stream, subject)
    except NotFoundError:
        return None
    if not message.headers or HEADER not in message.headers:
        return None
    channel, k = place(message.headers[HEADER])
    return channel, max(k, int(message.headers.get(HEAD_HEADER, 0)))
