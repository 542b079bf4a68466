"""The proxy reads what a server says and gives each message its fate."""

from __future__ import annotations

import asyncio

import pytest

from .proxy import Frame, Proxy, read_frame

SAID = (
    b"MSG verdicts.a 1 5\r\nhello\r\n"
    b"HMSG orders.a 2 _INBOX.x 12 15\r\nNATS/1.0\r\n\r\nabc\r\n"
    b"PING\r\n"
)
ACKNOWLEDGEMENT = Frame(b"", "_INBOX_risk.1", "", b'{"stream":"VERDICTS","seq":3}')


async def _frames(data: bytes) -> list[Frame]:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    frames = []
    while not reader.at_eof():
        frames.append(await read_frame(reader))
    return frames


async def test_messages_are_read_whole() -> None:
    """With and without headers; what is no message passes as a line."""
    message, with_headers, ping = await _frames(SAID)
    assert (message.subject, message.reply, message.payload) == ("verdicts.a", "", b"hello")
    assert (with_headers.subject, with_headers.payload) == ("orders.a", b"abc")
    assert (ping.subject, ping.data) == ("", b"PING\r\n")
    assert message.data + with_headers.data + ping.data == SAID


@pytest.mark.parametrize("fates", [(), (0.0, 0.5), (0.2,)])
def test_a_message_meets_the_fate_that_a_disturbance_gives_it(fates: tuple[float, ...]) -> None:
    """And only a message of its subject does, and none that a stream was asked for."""
    proxy = Proxy(0, lambda: 1.0)
    proxy.wire.disturbances.append(lambda _now_s, s: fates if s.startswith("orders") else None)
    assert proxy.fates(Frame(b"", "orders.a")) == fates
    assert proxy.fates(Frame(b"", "fills.a")) == (0.0,)
    assert proxy.fates(Frame(b"", "orders.a", "$JS.ACK.ORDERS.x.1")) == (0.0,)
    assert sum(proxy.touched.values()) == 1


def test_an_acknowledgement_of_a_stream_gets_lost() -> None:
    """Other answers to a client do not."""
    proxy = Proxy(0, lambda: 1.0)
    proxy.wire.ack_losses.append(lambda _now_s: True)
    assert proxy.fates(ACKNOWLEDGEMENT) == ()
    assert proxy.fates(Frame(b"", "_INBOX_risk.2", "", b'{"config":1}')) == (0.0,)
