"""A short way through nats-py for what is said and heard thousands of times a second.

nats-py hands every message through a regular expression, a parser of e-mail headers, a queue and
a task, and every publication through a second queue and task. Here a listener is a function that
runs while the bytes are read, and what is published is on the socket when `publish` returns.
Everything else (connecting, reconnecting, requests, JetStream) stays nats-py's own. Because this
reaches into its private parts, the version is locked and the tests run against a real server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
import structlog
from nats.aio.client import Client
from nats.aio.transport import TcpTransport
from nats.errors import Error
from nats.protocol.parser import PERMISSIONS_ERR, STALE_CONNECTION, Parser

if TYPE_CHECKING:
    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

LOG = structlog.get_logger("lane")
_END = b"\r\n"
_STATUS_LINE = b"NATS/1.0\r\n"


class Heard(msgspec.Struct, frozen=True, gc=False):
    """A message as a listener gets it."""

    subject: str
    data: bytes
    headers: dict[str, str] | None = None


Listener = Callable[[Heard], None]


class LaneClient(Client):
    """nats-py's client with listeners by subscription."""

    def __init__(self) -> None:
        """Listen to nothing yet."""
        super().__init__()
        self._ps = LaneParser(self)
        self.listeners: dict[bytes, list[Listener]] = {}

    async def subscribe_lane(self, subject: str, listeners: list[Listener]) -> Subscription:
        """Subscribe for functions that are called while the bytes are read."""
        # Known under its number before the first message can be there: `subscribe` takes the next
        # one before it waits for anything.
        self.listeners[str(self._sid + 1).encode()] = listeners
        return await self.subscribe(subject, cb=_never)

    def _remove_sub(self, sid: int, max_msgs: int = 0) -> None:
        super()._remove_sub(sid, max_msgs)
        self.listeners.pop(str(sid).encode(), None)

    async def _process_err(self, err_msg: str) -> None:
        """Connect again after whatever the server complains of; nats-py would stay closed for good.

        A busy machine is enough for that: the server hangs up on a client whose greeting comes
        late. What is not permitted concerns one subject only, and leaves the connection as it is.
        """
        if PERMISSIONS_ERR in err_msg or STALE_CONNECTION in err_msg:
            await super()._process_err(err_msg)
            return
        error = Error(f"nats: {err_msg}")
        await self._error_cb(error)
        await self._process_op_err(error)

    def publish_now(self, command: bytes) -> bool:
        """Write a command, behind whatever waits; tell whether there was room for it.

        While the connection is away it waits for it.
        """
        room = self._max_pending_size - self._pending_data_size
        if self.is_connected and isinstance(self._transport, TcpTransport):
            room -= _unsent(self._transport)
        if len(command) > room:
            return False
        self._pending.append(command)
        self._pending_data_size += len(command)
        if self.is_connected and self._transport is not None:
            waiting, self._pending, self._pending_data_size = self._pending, [], 0
            self._transport.write(b"".join(waiting) if len(waiting) > 1 else command)
        return True


class LaneParser(Parser):
    """Cuts whole messages out of what was read; leaves every other line to nats-py."""

    def __init__(self, client: LaneClient) -> None:
        """``client`` knows who listens."""
        self._resets = 0
        self._rest = b""
        super().__init__(client)

    def reset(self) -> None:
        """Forget what was read: the connection is another one."""
        super().reset()
        self._rest = b""
        self._resets += 1

    async def parse(self, data: bytes = b"") -> None:
        """Take what was read."""
        resets = self._resets
        buffer = self._rest + data if self._rest else data
        self._rest = b""
        at = 0
        while (end := buffer.find(_END, at)) >= 0:
            line = buffer[at:end]
            if not line.startswith((b"MSG ", b"HMSG ")):
                await super().parse(buffer[at : end + 2])
                at = end + 2
                continue
            parts = line.split()
            start = end + 2
            stop = start + int(parts[-1])
            if len(buffer) < stop + 2:
                break
            headers_end = start + int(parts[-2]) if line[0] == b"H"[0] else start
            listeners = self.nc.listeners.get(parts[2])
            if listeners is None:
                await self._hand_over(parts, buffer[start:headers_end], buffer[headers_end:stop])
            else:
                heard = Heard(
                    parts[1].decode(),
                    buffer[headers_end:stop],
                    _headers(buffer[start:headers_end]) if headers_end > start else None,
                )
                _tell(listeners, heard)
            at = stop + 2
        if resets == self._resets:
            self._rest = buffer[at:]

    async def _hand_over(self, parts: list[bytes], headers: bytes, payload: bytes) -> None:
        """Leave a message to nats-py."""
        _, subject, sid, *reply = parts[: -2 if headers else -1]
        await self.nc._process_msg(  # noqa: SLF001 - nats-py's own parser does the same
            int(sid), subject, reply[0] if reply else b"", payload, headers or None
        )


def _unsent(transport: TcpTransport) -> int:
    """Return how many bytes the socket has not taken yet."""
    writer = transport._io_writer  # noqa: SLF001 - no public name
    return 0 if writer is None else writer.transport.get_write_buffer_size()


async def _never(message: Msg) -> None:
    message_text = f"expected a listener to take {message.subject}, found none"
    raise AssertionError(message_text)


def _tell(listeners: list[Listener], heard: Heard) -> None:
    for listener in tuple(listeners):
        try:
            listener(heard)
        except Exception:
            LOG.exception("listener failed", subject=heard.subject)


def _headers(block: bytes) -> dict[str, str] | None:
    """Read headers as our own publishers write them; a status line alone has none."""
    if not block.startswith(_STATUS_LINE):
        return None
    found = {}
    for line in block[len(_STATUS_LINE) : -4].decode().split("\r\n"):
        name, _, value = line.partition(":")
        found[name] = value.strip()
    return found


def command_of(subject: str, payload: bytes, headers: dict[str, str] | None, reply: str) -> bytes:
    """Write a publication as NATS takes it."""
    if not headers:
        return f"PUB {subject} {reply} {len(payload)}\r\n".encode() + payload + _END
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    block = f"NATS/1.0\r\n{lines}\r\n".encode()
    head = f"HPUB {subject} {reply} {len(block)} {len(block) + len(payload)}\r\n".encode()
    return head + block + payload + _END
