"""Databases that are older than the streams: what differs, and whether they are of one moment.

A database that was put back without its stream knows less than it has said. If all databases are
of one moment, they are a history of their own: the streams may be made again from the outboxes.
If some reader knows more than a producer remembers having said, they are not, and nothing may be
made from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from nats.js.errors import NotFoundError

from tidegate_chassis.host import topology
from tidegate_chassis.host.envelope import HEAD_HEADER, HEADER, place
from tidegate_chassis.keeping.streams import keep_streams

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nats.aio.client import Client

    from tidegate_chassis.keeping.container import KeptFile, KeptShard
    from tidegate_chassis.keeping.databases import Connections

_READ = """
select j.shard, j.channel, max(j.k) as k from journal j
where j.channel <> '' and j.channel <> $1 group by j.shard, j.channel order by 1, 2
"""
_MARK = """
insert into outbox_mark
select o.shard, o.channel, m.k from (select distinct shard, channel from outbox) o
join unnest($1::text[], $2::bigint[]) as m (channel, k) on m.channel = o.channel
"""


class Ahead(msgspec.Struct, frozen=True):
    """A channel of which somebody holds more than its own journal."""

    channel: str
    # Up to where the producer's journal knows it, and up to where the other does.
    journal_k: int
    other_k: int
    # The stream, or the shard that has read it.
    other: str

    def sentence(self) -> str:
        """Say it in a line."""
        return (
            f"{self.channel}: its journal ends at k={self.journal_k}, {self.other} has "
            f"k={self.other_k}"
        )


async def streams_ahead(client: Client, shards: Sequence[KeptShard]) -> list[Ahead]:
    """Return what streams hold that journals do not."""
    found = []
    for shard in shards:
        known = shard.heads.get(shard.shard, 0)
        said: dict[str, int] = {}
        for subject, stream in topology.own_subjects(shard.shard):
            k = await _said_up_to(client, shard.shard, subject, stream)
            said[stream] = max(k, said.get(stream, 0))
        found += [
            Ahead(shard.shard, known, k, f"stream {stream}")
            for stream, k in said.items()
            if k > known
        ]
    return found


async def _said_up_to(client: Client, shard: str, subject: str, stream: str) -> int:
    try:
        message = await client.jetstream().get_last_msg(stream, subject)
    except NotFoundError:
        return 0
    headers = message.headers or {}
    if HEADER not in headers:
        return 0
    channel, k = place(headers[HEADER])
    if not topology.is_own_channel(shard, channel):
        return 0
    return max(k, int(headers.get(HEAD_HEADER, 0)))


async def readers_ahead(connections: Connections, shards: Sequence[KeptShard]) -> list[Ahead]:
    """Return what journals have read that its producer's journal does not know."""
    heads = {channel: k for shard in shards for channel, k in shard.heads.items()}
    found = []
    for connection in connections.values():
        for row in await connection.fetch(_READ, topology.SOURCE):
            known = heads.get(row["channel"], 0)
            if row["k"] > known:
                found.append(Ahead(row["channel"], known, row["k"], row["shard"]))
    return found


async def forget_streams(
    client: Client, connections: Connections, names: Sequence[str], folder: Path
) -> list[KeptFile]:
    """Keep the streams in a folder, then remove them: the outboxes fill new ones.

    Of each channel is said again what not all of its readers have journalled.
    """
    files = await keep_streams(client, names, folder)
    cursors: dict[str, int] = {}
    for connection in connections.values():
        for row in await connection.fetch(_READ, topology.SOURCE):
            cursors[row["channel"]] = min(row["k"], cursors.get(row["channel"], row["k"]))
    for connection in connections.values():
        await connection.execute("delete from outbox_mark")
        await connection.execute(_MARK, list(cursors), list(cursors.values()))
    for each in files:
        if not each.name.endswith(".json"):
            await client.jetstream().delete_stream(each.name.rpartition("/")[2])
    return files
