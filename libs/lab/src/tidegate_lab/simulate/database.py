"""A service's Postgres, in memory: the statements of the journal, one after the other.

It stands where the host expects an asyncpg pool and knows the journal's statements by their text,
so it cannot answer one that the host does not have. A statement takes effect at one moment
between its start and its answer; a crash, an outage or a lost answer may come before or after.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from asyncpg.exceptions import DiskFullError, UniqueViolationError

from tidegate_chassis.host import forwarding, journal
from tidegate_chassis.host.inputs import JournalRow

if TYPE_CHECKING:
    from random import Random

    from tidegate_lab.simulate.loop import Incarnation, VirtualLoop

LATENCY_S = 0.001
EARLY = 0.5
_STATEMENTS = {**journal.SQL, **forwarding.SQL}
_NAMES = {text: name for name, text in _STATEMENTS.items()}
_COLUMNS = (*JournalRow.__struct_fields__, "term", "core", "at_s")
_MESSAGE = ("channel", "k", "n", "at_ns", "subject", "headers", "payload")
Record = dict[str, Any]


class Lease(msgspec.Struct):
    """The row of a shard."""

    term: int
    holder: str
    expires_at_s: float


class Books(msgspec.Struct):
    """Everything of one shard."""

    lease: Lease | None = None
    journal: list[Record] = []
    outbox: list[Record] = []
    # channel -> its rows of the outbox, k = place + 1
    channels: dict[str, list[Record]] = {}
    marks: dict[str, int] = {}
    snapshots: dict[int, Record] = {}


class Forwarded(msgspec.Struct):
    """A command that waits for the leader of a shard."""

    shard: str
    schema: str
    payload: bytes
    asked_at_s: float
    answer_schema: str = ""
    answer: bytes | None = None


class Connections:
    """What one life of a process has of a database; a dead one's clean-up reaches nothing."""

    def __init__(self, database: Database, incarnation: Incarnation) -> None:
        """Connect."""
        self._database = database
        self._incarnation = incarnation

    async def fetchval(self, statement: str, *arguments: Any) -> Any:
        """Run a statement that returns one value."""
        if self._incarnation.alive:
            return await self._database.run(statement, arguments)
        return None

    fetch = fetchval
    fetchrow = fetchval
    execute = fetchval


class Database:
    """One service's database, shared by the processes of its replicas."""

    def __init__(self, service: str, loop: VirtualLoop, random: Random) -> None:
        """Start empty."""
        self.service = service
        self.shards: dict[str, Books] = {}
        self.down = False
        self.disk_full = False
        # How many of the next commits are carried out but not answered.
        self.lost_answers = 0
        self.answers_lost = 0
        self.snapshots_read = 0
        self._loop = loop
        self._random = random
        self._backup: dict[str, bytes] = {}
        # Commands that one replica was given for another; no backup keeps them.
        self._forwarded: dict[str, Forwarded] = {}
        self._statements: dict[str, Callable[..., Any]] = {
            name: getattr(self, f"_{name}") for name in _STATEMENTS if hasattr(self, f"_{name}")
        }

    # --- what asyncpg's pool offers ---------------------------------------------------------------

    async def fetchval(self, statement: str, *arguments: Any) -> Any:
        """Run a statement that returns one value."""
        return await self.run(statement, arguments)

    fetch = fetchval
    fetchrow = fetchval
    execute = fetchval

    async def run(self, statement: str, arguments: tuple[Any, ...]) -> Any:
        """Run a statement."""
        name = _NAMES[statement]
        latency_s = LATENCY_S * (0.4 + self._random.random())
        # It takes effect when the answer is sent, or a whole way before that.
        early = self._random.random() < EARLY
        if not early:
            await self._loop.sleep(latency_s)
        self._require_up()
        result = self._statements[name](*arguments)
        if early:
            await self._loop.sleep(latency_s)
        if name.startswith("commit") and self.lost_answers > 0:
            self.lost_answers -= 1
            self.answers_lost += 1
            message = f"{self.service}: the connection broke before the answer came"
            raise ConnectionResetError(message)
        self._require_up()
        return result

    def _require_up(self) -> None:
        if self.down:
            message = f"{self.service}: the database does not answer"
            raise ConnectionRefusedError(message)

    # --- backups ------------------------------------------------------------------------------

    def take_backup(self) -> None:
        """Keep everything as it is now."""
        self._backup = {name: msgspec.msgpack.encode(b) for name, b in self.shards.items()}

    def restore_backup(self) -> bool:
        """Go back to the last backup; tell whether there is one."""
        if not self._backup:
            return False
        self.shards = {
            name: msgspec.msgpack.decode(stored, type=Books)
            for name, stored in self._backup.items()
        }
        return True

    # --- the statements of the host's journal.sql -------------------------------------------------

    def _books(self, shard: str) -> Books:
        books = self.shards.get(shard)
        if books is None:
            books = self.shards[shard] = Books()
        return books

    def _acquire(self, shard: str, holder: str, lease_s: float, _core: str) -> int | None:
        books, now_s = self._books(shard), self._loop.now_s
        lease = books.lease
        if lease is None:
            books.lease = lease = Lease(1, holder, now_s + lease_s)
        elif lease.expires_at_s < now_s or lease.holder == holder:
            lease.term += 1
            lease.holder, lease.expires_at_s = holder, now_s + lease_s
        else:
            return None
        return lease.term

    def _renew(self, shards: list[str], terms: list[int], lease_s: float) -> list[Record]:
        kept = []
        for shard, term in zip(shards, terms, strict=True):
            if self._holds(shard, term):
                lease = self.shards[shard].lease
                assert lease is not None
                lease.expires_at_s = self._loop.now_s + lease_s
                kept.append({"shard": shard})
        return kept

    def _lease(self, shard: str) -> Record | None:
        lease = self._books(shard).lease
        if lease is None:
            return None
        left_s = lease.expires_at_s - self._loop.now_s
        return {"holder": lease.holder, "term": lease.term, "left_s": left_s}

    def _release(self, shard: str, term: int) -> None:
        if self._holds(shard, term):
            lease = self.shards[shard].lease
            assert lease is not None
            lease.expires_at_s = self._loop.now_s

    def _holds(self, shard: str, term: int) -> bool:
        lease = self._books(shard).lease
        return lease is not None and lease.term == term

    def _touch(self, shard: str, term: int) -> int:
        return int(self._holds(shard, term))

    def _commit(self, *arguments: Any) -> int:
        shard, term = arguments[:2]
        if self._holds(shard, term):
            self._require_new(shard, arguments[16], arguments[17])
        held = self._commit_rows(*arguments[:16])
        if held:
            books = self._books(shard)
            for values in zip(*arguments[16:23], strict=True):
                row = dict(zip(_MESSAGE, values, strict=True))
                books.channels.setdefault(row["channel"], []).append(row)
                books.outbox.append(row)
        return held

    def _require_new(self, shard: str, channels: list[str], ks: list[int]) -> None:
        """Refuse a commit as a whole if one of its messages has a place that is taken."""
        found = {name: len(rows) for name, rows in self._books(shard).channels.items()}
        for channel, k in zip(channels, ks, strict=True):
            if k != found.get(channel, 0) + 1:
                message = f"{shard}: {channel} k={k} exists already"
                raise UniqueViolationError(message)
            found[channel] = k

    def _commit_rows(self, shard: str, term: int, core: str, *columns: Any) -> int:
        if not self._holds(shard, term):
            return 0
        if self.disk_full:
            message = f"{self.service}: no space left on device"
            raise DiskFullError(message)
        books = self._books(shard)
        written = (term, core, self._loop.now_s)
        for values in zip(*columns, strict=True):
            if values[0] != len(books.journal) + 1:
                message = f"{shard}: journal row {values[0]} exists already"
                raise UniqueViolationError(message)
            books.journal.append(dict(zip(_COLUMNS, values + written, strict=True)))
        return 1

    def _mark(self, shard: str, channels: list[str], ks: list[int]) -> None:
        marks = self._books(shard).marks
        for channel, k in zip(channels, ks, strict=True):
            marks[channel] = max(k, marks.get(channel, 0))

    def _unmarked(self, shard: str) -> list[Record]:
        books = self._books(shard)
        rows = [row for row in books.outbox if row["k"] > books.marks.get(row["channel"], 0)]
        return sorted(rows, key=lambda row: (row["n"], row["channel"], row["k"]))

    def _resend(self, shard: str, channel: str, from_k: int, limit: int) -> list[Record]:
        rows = self._books(shard).channels.get(channel, [])
        return rows[max(from_k, 1) - 1 : max(from_k, 1) - 1 + limit]

    def _outbox_head(self, shard: str) -> list[Record]:
        channels = self._books(shard).channels
        return [{"channel": channel, "k": len(rows)} for channel, rows in channels.items()]

    def _save_snapshot(self, shard: str, term: int, n: int, core: str, state: bytes) -> None:
        if self.disk_full:
            message = f"{self.service}: no space left on device"
            raise DiskFullError(message)
        if self._holds(shard, term):
            snapshots = self._books(shard).snapshots
            snapshots[n] = {"n": n, "core": core, "state": state}

    def _prune_snapshots(self, shard: str) -> None:
        snapshots = self._books(shard).snapshots
        for n in sorted(snapshots)[:-3]:
            del snapshots[n]

    def _last_snapshot(self, shard: str) -> Record | None:
        snapshots = self._books(shard).snapshots
        self.snapshots_read += bool(snapshots)
        return snapshots[max(snapshots)] if snapshots else None

    def _tail(self, shard: str, after_n: int, limit: int) -> list[Record]:
        return self._books(shard).journal[after_n : after_n + limit]

    # --- the statements of the host's forwarding.sql ----------------------------------------------

    def _forward(self, call_id: str, shard: str, schema: str, payload: bytes) -> None:
        if call_id in self._forwarded:
            message = f"command {call_id} was forwarded already"
            raise UniqueViolationError(message)
        self._forwarded[call_id] = Forwarded(shard, schema, payload, self._loop.now_s)

    def _waiting(self, shards: list[str], patience_s: float) -> list[Record]:
        since_s = self._loop.now_s - patience_s
        return [
            {
                "call_id": call_id,
                "shard": each.shard,
                "schema": each.schema,
                "payload": each.payload,
            }
            for call_id, each in self._forwarded.items()
            if each.shard in shards and each.answer is None and each.asked_at_s > since_s
        ]

    def _answer(self, call_id: str, schema: str, answer: bytes) -> None:
        each = self._forwarded.get(call_id)
        if each is not None and each.answer is None:
            each.answer_schema, each.answer = schema, answer

    def _answer_of(self, call_id: str) -> Record | None:
        each = self._forwarded.get(call_id)
        if each is None or each.answer is None:
            return None
        return {"answer_schema": each.answer_schema, "answer": each.answer}

    def _forget(self, call_id: str, after_s: float) -> None:
        since_s = self._loop.now_s - after_s
        self._forwarded = {
            known: each
            for known, each in self._forwarded.items()
            if known != call_id and each.asked_at_s >= since_s
        }
