"""The shard's lease, journal, outbox, projections, audit and snapshots in Postgres.

Lease, term and journal have one authority: the row of the shard. A commit is one statement that
locks this row and requires its term, so a leader that lost its lease cannot write. No
transaction stays open across a round trip.
"""

from __future__ import annotations

import json
from operator import itemgetter
from typing import TYPE_CHECKING, cast

import msgspec

from tidegate_chassis.host.errors import LeaseLost
from tidegate_chassis.host.facts import newest
from tidegate_chassis.host.inputs import JournalRow
from tidegate_chassis.host.statements import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    import asyncpg

    from tidegate_chassis.host.facts import Facts

SQL = load("journal")
LEASE_S = 1.0
TAIL_PAGE = 2_000
_ROW = itemgetter(*JournalRow.__struct_fields__)
_EMPTY = ((),) * len(JournalRow.__struct_fields__)


class OutboxRow(msgspec.Struct, frozen=True, gc=False):
    """A message with the headers that it goes out with."""

    channel: str
    k: int
    subject: str
    headers: str
    payload: bytes
    n: int = 0
    at_ns: int = 0

    @property
    def trace_id(self) -> str:
        """The trace that the message belongs to, as hex digits; empty when nothing is traced."""
        return self.headers.split("\n", 2)[1][3:35]


class TailRow(msgspec.Struct, frozen=True, gc=False):
    """A journalled input as it is read back."""

    row: JournalRow
    term: int
    core: str


class Lease(msgspec.Struct, frozen=True, gc=False):
    """Who leads a shard, as the database says."""

    holder: str
    term: int
    # By the database's clock; below 0 when it has run out.
    left_s: float


class Journal:
    """One shard's books in Postgres; used by the one task that runs the shard."""

    def __init__(self, pool: asyncpg.Pool, shard: str, core: str) -> None:
        """``core`` is the version of code and parameters that rows are written under."""
        self._pool = pool
        self.shard = shard
        self.core = core
        self.term = 0

    async def acquire(self, holder: str) -> bool:
        """Take the lease if it is free; the term grows by one."""
        term = await self._pool.fetchval(SQL["acquire"], self.shard, holder, LEASE_S, self.core)
        if term is None:
            return False
        self.term = cast("int", term)
        return True

    async def lease(self) -> Lease | None:
        """Return who leads the shard, or None when nobody ever has; this takes no lock."""
        record = await self._pool.fetchrow(SQL["lease"], self.shard)
        return None if record is None else Lease(record["holder"], record["term"], record["left_s"])

    async def release(self) -> None:
        """Let others take the lease at once."""
        await self._pool.execute(SQL["release"], self.shard, self.term)

    async def touch(self) -> None:
        """Check the lease in a transaction of its own."""
        self._require(await self._pool.fetchval(SQL["touch"], self.shard, self.term))

    async def commit(
        self,
        rows: Sequence[JournalRow],
        messages: Sequence[OutboxRow],
        facts: Facts,
    ) -> None:
        """Write inputs, messages, projections and audit in one transaction under this term."""
        columns = zip(*map(msgspec.structs.astuple, rows), strict=True) if rows else _EMPTY
        journal = (self.shard, self.term, self.core, *map(list, columns))
        if not messages and not facts.rows and not facts.audit:
            self._require(await self._pool.fetchval(SQL["commit_rows"], *journal))
            return
        rows_kept = list(newest(facts.rows))
        self._require(
            await self._pool.fetchval(
                SQL["commit"],
                *journal,
                [m.channel for m in messages],
                [m.k for m in messages],
                [m.n for m in messages],
                [m.at_ns for m in messages],
                [m.subject for m in messages],
                [m.headers for m in messages],
                [m.payload for m in messages],
                [row.kind for _, row in rows_kept],
                [row.key for _, row in rows_kept],
                [n for n, _ in rows_kept],
                [json.dumps(row.document) for _, row in rows_kept],
                *_audit_columns(facts),
            )
        )

    def _require(self, held: object) -> None:
        if held != 1:
            message = (
                f"expected shard {self.shard} to be led under term {self.term}, found a newer "
                "term: another process has taken over, this one stops"
            )
            raise LeaseLost(message)

    async def mark(self, marks: dict[str, int]) -> None:
        """Remember up to where the stream holds each channel."""
        await self._pool.execute(SQL["mark"], self.shard, list(marks), list(marks.values()))

    async def unmarked(self) -> list[OutboxRow]:
        """Return the messages that the stream may not hold, in the order of their decision."""
        return [
            OutboxRow(r["channel"], r["k"], r["subject"], r["headers"], r["payload"])
            for r in await self._pool.fetch(SQL["unmarked"], self.shard)
        ]

    async def resend(self, channel: str, from_k: int, limit: int) -> list[OutboxRow]:
        """Return a channel's messages from a place on."""
        records = await self._pool.fetch(SQL["resend"], self.shard, channel, from_k, limit)
        return [
            OutboxRow(r["channel"], r["k"], r["subject"], r["headers"], r["payload"])
            for r in records
        ]

    async def instants(self, from_ns: int) -> list[tuple[int, str, int]]:
        """Return (time, channel, head after it) for every time at which messages were decided."""
        records = await self._pool.fetch(SQL["instants"], self.shard, from_ns)
        return [(r["at_ns"], r["channel"], r["k"]) for r in records]

    async def heads_until(self, at_ns: int) -> dict[str, int]:
        """Return the last k of every channel that was decided at or before a time."""
        records = await self._pool.fetch(SQL["heads_until"], self.shard, at_ns)
        return {r["channel"]: r["k"] for r in records}

    async def outbox_heads(self) -> dict[str, int]:
        """Return the last k of every channel of this shard."""
        records = await self._pool.fetch(SQL["outbox_head"], self.shard)
        return {r["channel"]: r["k"] for r in records}

    async def save_snapshot(self, n: int, state: bytes) -> None:
        """Store the state after input n, under this term only."""
        await self._pool.execute(SQL["save_snapshot"], self.shard, self.term, n, self.core, state)
        await self._pool.execute(SQL["prune_snapshots"], self.shard)

    async def last_snapshot(self) -> tuple[int, str, bytes] | None:
        """Return (n, core, state) of the newest snapshot."""
        record = await self._pool.fetchrow(SQL["last_snapshot"], self.shard)
        return None if record is None else (record["n"], record["core"], record["state"])

    async def tail(self, after_n: int) -> AsyncIterator[TailRow]:
        """Yield the journal's rows after input n, in order."""
        while True:
            records = await self._pool.fetch(SQL["tail"], self.shard, after_n, TAIL_PAGE)
            for r in records:
                yield TailRow(JournalRow(*_ROW(r)), r["term"], r["core"])
            if len(records) < TAIL_PAGE:
                return
            after_n = records[-1]["n"]


def _audit_columns(facts: Facts) -> tuple[list[object], ...]:
    return (
        [n for n, _, _, _ in facts.audit],
        [place for _, place, _, _ in facts.audit],
        [entry.at_ns for _, _, entry, _ in facts.audit],
        [entry.session for _, _, entry, _ in facts.audit],
        [entry.who for _, _, entry, _ in facts.audit],
        [entry.what for _, _, entry, _ in facts.audit],
        [entry.about for _, _, entry, _ in facts.audit],
        [entry.why for _, _, entry, _ in facts.audit],
        [json.dumps(entry.numbers) for _, _, entry, _ in facts.audit],
        [trace_id for _, _, _, trace_id in facts.audit],
    )


async def renew(pool: asyncpg.Pool, held: dict[str, int]) -> set[str]:
    """Renew the leases of (shard, term); return the shards that are still held."""
    records = await pool.fetch(SQL["renew"], list(held), list(held.values()), LEASE_S)
    return {r["shard"] for r in records}
