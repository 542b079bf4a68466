"""A TCP proxy in front of nats-server: the simulator's faults, acted out on a real connection.

What the server says is read message by message, and each copy for a subscriber meets the fate that
the plan's disturbances give it, as on the simulated wire: none, one or several copies, each late or
not. Copies that a reader fetches from a stream are left alone there and here; of what streams say,
only the acknowledgement of a publication may get lost. While the line is not `up`, nothing passes
in either direction. A line that is not `linked` is cut, and comes through again later.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate_lab.simulate.network import Wire

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK_BYTES = 65_536
LINE_BYTES_MAX = 1 << 20
ACKNOWLEDGED = b'{"stream":'
_MESSAGES = (b"MSG", b"HMSG")


@dataclass
class Frame:
    """Something that the server has said, whole; a subject only if it is a message."""

    data: bytes
    subject: str = ""
    reply: str = ""
    payload: bytes = b""

    @property
    def fetched(self) -> bool:
        """Tell whether it is a stream's copy."""
        return self.reply.startswith("$JS.ACK")


async def read_frame(reader: asyncio.StreamReader) -> Frame:
    """Read the next thing that a server says; an IncompleteReadError at the end."""
    line = await reader.readuntil(b"\r\n")
    parts = line.split()
    if not parts or parts[0].upper() not in _MESSAGES:
        return Frame(line)
    with_headers = parts[0].upper() == b"HMSG"
    numbers = 2 if with_headers else 1
    rest = await reader.readexactly(int(parts[-1]) + 2)
    headers = int(parts[-2]) if with_headers else 0
    names = parts[1 : len(parts) - numbers]
    reply = names[2].decode() if len(names) > 2 else ""
    return Frame(line + rest, names[0].decode(), reply, rest[headers:-2])


@dataclass
class Named:
    """Whose a connection is; the simulator's faults ask for it by this name."""

    name: str = ""


@dataclass
class Line:
    """Every connection under one name; it is cut and mended as a whole."""

    incarnation: Named
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _linked: bool = True

    @property
    def linked(self) -> bool:
        """Whether the line holds; a new connection on one that does not is sent away."""
        return self._linked

    @linked.setter
    def linked(self, linked: bool) -> None:
        self._linked = linked
        for writer in () if linked else self.writers:
            writer.close()

    def reconnect(self) -> None:
        """Let clients come through again."""
        self._linked = True


class Proxy:
    """The line between all clients and the server."""

    def __init__(self, port: int, now_s: Callable[[], float]) -> None:
        """Stand before the server at ``port`` on loopback."""
        self.port = 0
        self.wire = Wire()
        self.clients: list[Line] = []
        # How many messages were touched, by what was done to them.
        self.touched: dict[str, int] = {}
        self._server_port = port
        self._now_s = now_s
        self._flows = asyncio.Event()
        self._flows.set()
        self._listening: asyncio.Server | None = None

    @property
    def up(self) -> bool:
        """Whether anything passes."""
        return self._flows.is_set()

    @up.setter
    def up(self, up: bool) -> None:
        if up:
            self._flows.set()
        else:
            self._flows.clear()

    async def start(self) -> None:
        """Listen on a port of its own."""
        self._listening = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._listening.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Listen no more and cut every line."""
        assert self._listening is not None
        self._listening.close()
        for line in self.clients:
            line.linked = False

    def line(self, name: str) -> Line:
        """Return the line of a name."""
        found = next((line for line in self.clients if line.incarnation.name == name), None)
        if found is None:
            found = Line(Named(name))
            self.clients.append(found)
        return found

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._flows.wait()
        try:
            from_server, to_server = await asyncio.open_connection(
                "127.0.0.1", self._server_port, limit=LINE_BYTES_MAX
            )
        except OSError:
            writer.close()
            return
        tasks = (
            asyncio.create_task(self._up(reader, to_server, writer)),
            asyncio.create_task(self._down(from_server, writer)),
        )
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for line in self.clients:
            line.writers.discard(writer)
        writer.close()
        to_server.close()

    async def _up(
        self,
        reader: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
        to_client: asyncio.StreamWriter,
    ) -> None:
        """Pass on what a client says; its first line tells who it is."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            first = await reader.readuntil(b"\r\n")
            if first.startswith(b"CONNECT "):
                line = self.line(str(json.loads(first[8:]).get("user", "")))
                if not line.linked:
                    return
                line.writers.add(to_client)
            to_server.write(first)
            while data := await reader.read(CHUNK_BYTES):
                await self._flows.wait()
                to_server.write(data)
                await to_server.drain()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what the server says, each message as often and as late as its fate is."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                frame = await read_frame(reader)
                await self._flows.wait()
                for delay_s in self.fates(frame):
                    if delay_s > 0.0:
                        later = asyncio.get_running_loop()
                        later.call_later(delay_s, _write, writer, frame.data)
                    else:
                        writer.write(frame.data)
                await writer.drain()

    def fates(self, frame: Frame) -> tuple[float, ...]:
        """Return how late each copy of a frame is."""
        if not frame.subject or frame.fetched:
            return (0.0,)
        now_s = self._now_s()
        if frame.subject.startswith("_INBOX"):
            acknowledges = frame.payload.startswith(ACKNOWLEDGED)
            lost = acknowledges and self.wire.loses_ack(now_s)
            return self._touch("acknowledgement lost", ()) if lost else (0.0,)
        fates = self.wire.fates(now_s, frame.subject)
        if fates == (0.0,):
            return fates
        said = {0: "lost", 1: "late"}.get(len(fates), "duplicated")
        return self._touch(said, fates)

    def _touch(self, what: str, fates: tuple[float, ...]) -> tuple[float, ...]:
        self.touched[what] = self.touched.get(what, 0) + 1
        return fates


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    if not writer.is_closing():
        writer.write(data)
