"""What the embedded nats-server promises to the bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nats
import nats.aio.client
import nats.errors
import pytest

from tidegate_chassis.embedded import NatsServer, Place, StartFailedError

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTS = """
authorization {
  users: [
    { user: "writer", password: "w", permissions: { publish: ["orders.>"] } }
  ]
}
"""


async def test_acknowledged_messages_survive_a_kill(folder: Path) -> None:
    """What JetStream acknowledged is still there after kill -9 and a new start."""
    with NatsServer(Place(folder / "nats")) as server:
        client = await nats.connect(server.url)
        stream = client.jetstream()
        await stream.add_stream(name="ORDERS", subjects=["orders.>"])
        for _ in range(20):
            await stream.publish("orders.demo", b"x")
        await client.close()
        assert server._process is not None
        server._process.kill()
        server._process.wait()
        server.start()
        client = await nats.connect(server.url)
        state = (await client.jetstream().stream_info("ORDERS")).state
        await client.close()
    assert state.messages == 20


async def test_accounts_that_are_given_are_enforced(folder: Path) -> None:
    """A client without a user of the given accounts is turned away."""
    with NatsServer(Place(folder / "nats"), accounts=ACCOUNTS) as server:
        stranger = nats.aio.client.Client()
        with pytest.raises(nats.errors.Error, match="Authorization Violation"):
            await stranger.connect(server.url, allow_reconnect=False)
        await stranger.close()
        writer = server.url.replace("://", "://writer:w@")
        client = await nats.connect(writer)
        assert client.is_connected
        await client.close()


def test_accounts_that_do_not_parse_are_refused_with_the_reason(folder: Path) -> None:
    """The server's own complaint about the text is in the error."""
    server = NatsServer(Place(folder / "nats"), accounts="authorization { users: oops ")
    with pytest.raises(StartFailedError) as caught:
        server.start()
    assert "Parse error on line" in caught.value.found
    assert not server.running


async def test_the_journal_of_the_stream_is_synced_always(folder: Path) -> None:
    """An acknowledgement means that the message is on the disk."""
    with NatsServer(Place(folder / "nats"), max_payload_bytes=4096) as server:
        text = (folder / "nats" / "nats.conf").read_text()
        client = await nats.connect(server.url)
        assert client.max_payload == 4096
        await client.close()
    assert "sync_interval: always" in text
