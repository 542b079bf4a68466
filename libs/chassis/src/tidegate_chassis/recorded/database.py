"""A recording in the services' databases, of an instance that runs or of one that is down.

Journals only grow, so a shard's end is fixed when it is first asked for; from then on what is
read is of one moment, while the shard goes on. The sessions of the database are read-only.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self, TypeVar

from tidegate_chassis.database import connect
from tidegate_chassis.host.inputs import JournalRow
from tidegate_chassis.host.journal import TailRow
from tidegate_chassis.host.statements import load
from tidegate_chassis.host.topology import service_of_channel
from tidegate_chassis.recorded.recording import NO_LIMIT, Extent, Message, Snapshot

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Mapping
    from types import TracebackType

    import asyncpg

    from tidegate_chassis.configuration import Configuration

T = TypeVar("T")
SQL = load("record", "tidegate_chassis.recorded")
PAGE = 4_000
READ_ONLY = "set default_transaction_read_only = on"


class DatabaseRecording:
    """Reads the journals of one instance; use it as a context."""

    def __init__(self, configuration: Configuration, addresses: Mapping[str, str]) -> None:
        """``addresses`` are those of the services' databases, by service."""
        self.configuration = configuration
        self._addresses = addresses
        self._connections: dict[str, asyncpg.Connection] = {}
        self._extents: dict[str, Extent] = {}
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        """Connect to nothing yet: a service's database is reached when it is asked."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection."""
        for connection in self._connections.values():
            self._run(connection.close())
        self._runner.close()

    def extent(self, shard: str) -> Extent:
        """Return what a shard's journal held when it was first asked for."""
        found = self._extents.get(shard)
        if found is None:
            row = self._fetch(shard, "extent", shard)[0]
            found = self._extents[shard] = Extent(row["first_n"], row["last_n"])
        return found

    def rows(self, shard: str, after_n: int = 0, until_n: int = NO_LIMIT) -> Iterator[TailRow]:
        """Yield a shard's inputs after one position up to another, in order."""
        until_n = min(until_n, self.extent(shard).last_n)
        while after_n < until_n:
            found = self._fetch(shard, "rows", shard, after_n, until_n, PAGE)
            for r in found:
                row = JournalRow(*(r[name] for name in JournalRow.__struct_fields__))
                yield TailRow(row, r["term"], r["core"])
            if not found:
                return
            after_n = found[-1]["n"]

    def messages(self, shard: str, after_n: int = 0) -> Iterator[Message]:
        """Yield what a shard said after an input, in order."""
        until_n = self.extent(shard).last_n
        next_k = self._fetch(shard, "first_k", shard, after_n)[0][0]
        while next_k:
            found = self._fetch(shard, "messages", shard, next_k, until_n, PAGE)
            for record in found:
                yield Message(*record)
            if not found:
                return
            next_k = found[-1]["k"] + 1

    def message(self, channel: str, k: int) -> Message | None:
        """Return the message at a place of a channel; a channel is named after its shard."""
        found = self._fetch(channel, "message", channel, k)
        return Message(*found[0]) if found else None

    def snapshots(self, shard: str) -> list[Snapshot]:
        """Return the snapshots of a shard that are kept, oldest first."""
        last_n = self.extent(shard).last_n
        return [Snapshot(*record) for record in self._fetch(shard, "snapshots", shard, last_n)]

    def _fetch(self, shard: str, name: str, *arguments: object) -> list[Any]:
        connection = self._connection(service_of_channel(shard))
        return self._run(connection.fetch(SQL[name], *arguments))

    def _connection(self, service: str) -> asyncpg.Connection:
        found = self._connections.get(service)
        if found is None:
            found = self._run(connect(self._addresses[service], "tidegate-replay"))
            self._connections[service] = found
            self._run(found.execute(READ_ONLY))
        return found

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)
