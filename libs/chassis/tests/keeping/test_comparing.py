"""Databases that are older than their streams: what differs is told, and they can go on alone."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from nats.aio.client import Client

from tidegate_chassis.database import drop_databases, ensure_databases, migrate
from tidegate_chassis.embedded import NatsServer, PostgresServer
from tidegate_chassis.host.envelope import HEAD_HEADER, HEADER, NO_HASH, Envelope
from tidegate_chassis.keeping import databases, streams
from tidegate_chassis.keeping.comparing import (
    Ahead,
    forget_streams,
    readers_ahead,
    streams_ahead,
)
from tidegate_chassis.security.secrets import Secret

pytestmark = pytest.mark.real
PAIR = ("risk", "execution")
SHARD = "insert into shard values ($1, 1, 'h', clock_timestamp(), 'core')"
SAID = "insert into outbox values ($1, $1, $2, $2, 0, 'orders.a.x.y', 'h', 'payload')"
READ = "insert into journal values ($1, $2, 1, 0, 1, '', $3, $2, '', '', '', '', 0, 0, 'core', '')"


@pytest.fixture
def urls(postgres: PostgresServer) -> Iterator[dict[str, str]]:
    """Give databases in which execution has said two messages and risk has read one."""

    async def made() -> dict[str, str]:
        passwords = {service: Secret(f"password-of-{service}") for service in PAIR}
        found = await ensure_databases(postgres.url, passwords, "compared")
        for url in found.values():
            await migrate(url)
        async with databases.connected(found) as connections:
            risk, execution = connections["risk"], connections["execution"]
            await execution.execute(SHARD, "execution/a")
            await risk.execute(SHARD, "risk/a")
            await execution.executemany(SAID, [("execution/a", 1), ("execution/a", 2)])
            await execution.execute("insert into outbox_mark values ('execution/a', $1, 2)", "x")
            await risk.execute(READ, "risk/a", 1, "execution/a")
        return found

    try:
        yield asyncio.run(made())
    finally:
        asyncio.run(drop_databases(postgres.url, PAIR, "compared"))


async def say(client: Client, k: int, head: int = 0) -> None:
    """Have the stream hold a message of execution's channel."""
    envelope = Envelope(f"m{k}", "execution/a", k, NO_HASH, "s", 0, "", "", "")
    headers = {HEADER: envelope.pack()} | ({HEAD_HEADER: str(head)} if head else {})
    await client.jetstream().publish("orders.a.x.y", b"payload", headers=headers)


def test_what_a_stream_holds_beyond_the_journal_is_told(
    urls: dict[str, str], nats_server: NatsServer, tmp_path: Path
) -> None:
    """Also when an old message is the stream's last; readers beyond the producer are told too."""

    async def look() -> None:
        async with (
            databases.connected(urls) as connections,
            streams.administrator(nats_server.url, ("", "")) as client,
        ):
            await client.jetstream().add_stream(name="ORDERS", subjects=["orders.>", "fills.>"])
            shards = await databases.shards_of(connections)
            await say(client, 2)
            assert await streams_ahead(client, shards) == []
            await say(client, 3)
            ahead = [Ahead("execution/a", 2, 3, "stream ORDERS")]
            assert await streams_ahead(client, shards) == ahead
            await say(client, 1, head=4)
            ahead = [Ahead("execution/a", 2, 4, "stream ORDERS")]
            assert await streams_ahead(client, shards) == ahead
            assert "ends at k=2, stream ORDERS has k=4" in ahead[0].sentence()

            assert await readers_ahead(connections, shards) == []
            files = await forget_streams(client, connections, ("ORDERS",), tmp_path)
            assert (files[0].name, files[0].rows) == ("streams/ORDERS", 3)
            assert await streams_ahead(client, shards) == []
            marks = await databases.read_marks(connections)
            assert marks["execution"] == [("execution/a", "execution/a", 1)]

            await connections["risk"].execute(READ, "risk/a", 3, "execution/a")
            beyond = [Ahead("execution/a", 2, 3, "risk/a")]
            assert await readers_ahead(connections, shards) == beyond

    asyncio.run(look())
