"""Listeners get every message once and whole, however the bytes come."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from nats.aio.client import Client

from tidegate_chassis.embedded import NatsServer, Place
from tidegate_chassis.host.bus import Bus
from tidegate_chassis.host.lane import Heard, LaneClient, command_of

PATIENCE_S = 20.0
_HEADERS = st.none() | st.dictionaries(
    st.sampled_from(["Tg", "traceparent"]),
    st.text("abc=/ 0", max_size=20).map(str.strip),
    min_size=1,
)
_MESSAGES = st.lists(st.tuples(st.binary(max_size=40), _HEADERS, st.booleans()), max_size=8)


def _delivered(payload: bytes, headers: dict[str, str] | None, *, replied: bool) -> bytes:
    """Return what the server sends for a message, made from what its publisher says."""
    command = command_of("bars.x", payload, headers, "inbox.1" if replied else "")
    verb, rest = command.split(b" bars.x ", 1)
    return verb.replace(b"PUB", b"MSG") + b" bars.x 7 " + rest.lstrip()


@given(_MESSAGES, st.integers(1, 60))
def test_messages_are_cut_out_whole_whatever_was_read_at_once(
    messages: list[tuple[bytes, dict[str, str] | None, bool]], chunk: int
) -> None:
    """Between lines of the server's own, with and without headers and reply subjects."""
    heard: list[Heard] = []
    client = LaneClient()
    client.listeners[b"7"] = [heard.append]
    stream = b"".join(
        b"+OK\r\n" + _delivered(payload, headers, replied=replied)
        for payload, headers, replied in messages
    )

    async def read() -> None:
        for at in range(0, len(stream), chunk):
            await client._ps.parse(stream[at : at + chunk])

    asyncio.run(read())
    assert [(each.data, each.headers) for each in heard] == [(m[0], m[1]) for m in messages]


def test_a_listener_that_fails_does_not_keep_others_from_hearing() -> None:
    """Nor the messages behind."""
    heard: list[bytes] = []

    def fail(message: Heard) -> None:
        raise ValueError(message.subject)

    client = LaneClient()
    client.listeners[b"7"] = [fail, lambda message: heard.append(message.data)]
    stream = _delivered(b"a", None, replied=False) + _delivered(b"b", None, replied=False)
    asyncio.run(client._ps.parse(stream))
    assert heard == [b"a", b"b"]


@pytest.mark.real
async def test_listeners_share_a_subject_and_come_through_a_reconnection(tmp_path: Path) -> None:
    """And who has left hears nothing more. A request of nats-py's own works beside them."""
    with NatsServer(Place(tmp_path, dies_with_launcher=True)) as server:
        bus = Bus("test", on_violation=lambda text: None)
        await bus.connect(server.url, "", "")
        left: list[Heard] = []
        stayed: asyncio.Queue[Heard] = asyncio.Queue()
        await bus.listen("bars.>", left.append)
        await bus.listen("bars.>", stayed.put_nowait)
        bus.publish("bars.1", b"one", {"Tg": "x y"})
        async with asyncio.timeout(PATIENCE_S):
            assert await stayed.get() == Heard("bars.1", b"one", {"Tg": "x y"})
            assert len(left) == 1
            await bus.unlisten("bars.>", left.append)
            server.stop()
            server.start()
            await _until_connected(bus.client)
            bus.publish_all([command_of("bars.2", bytes([n]), None, "") for n in range(3)])
            assert [(await stayed.get()).data for _ in range(3)] == [b"\0", b"\1", b"\2"]
            await bus.client.flush()
        assert len(left) == 1
        await bus.close()


@pytest.mark.real
async def test_a_complaint_of_the_server_is_no_farewell(tmp_path: Path) -> None:
    """Whatever it says, the client comes back, and its listeners hear on."""
    with NatsServer(Place(tmp_path, dies_with_launcher=True)) as server:
        bus = Bus("test", on_violation=lambda text: None)
        await bus.connect(server.url, "", "")
        heard: asyncio.Queue[Heard] = asyncio.Queue()
        await bus.listen("bars.>", heard.put_nowait)
        async with asyncio.timeout(PATIENCE_S):
            await bus.client._ps.parse(b"-ERR 'Authentication Timeout'\r\n")
            await _until_connected(bus.client)
            bus.publish("bars.1", b"one")
            assert (await heard.get()).data == b"one"
        await bus.close()


async def _until_connected(client: Client) -> None:
    while not (client.stats["reconnects"] and client.is_connected):  # noqa: ASYNC110 - no event
        await asyncio.sleep(0.02)
