"""Reading projections and the audit: what /v1 answers from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_chassis.host.statements import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    import asyncpg

SQL = load("journal")
PAGE_MAX = 10_000
ENTRY_MAX = 2**63 - 1
Document = dict[str, Any]
Documents = list[Document]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which documents are searched for: those with these values, of these times."""

    values: Mapping[str, object]
    # The field that holds a document's time in ns.
    at_field: str
    since_ns: int | None = None
    until_ns: int | None = None
    newest_first: bool = False
    limit: int = 1_000


class Projections:
    """The rows that this service's shards have projected."""

    def __init__(self, pool: asyncpg.Pool, shards: list[str]) -> None:
        """``shards``: those whose rows may be read here."""
        self._pool = pool
        self._shards = shards

    def _of(self, session: str | None) -> list[str]:
        if session is None:
            return self._shards
        names = {session, f"replay-{session}"}
        return [shard for shard in self._shards if shard.split("/")[1] in names]

    async def list(
        self, kind: str, *, session: str | None = None, after: str = "", limit: int = 1_000
    ) -> Documents:
        """Return documents oldest first, each with ``cursor``: pass the last one to go on."""
        n, _, key = after.partition(":")
        records = await self._pool.fetch(
            SQL["projections"], kind, self._of(session), int(n or 0), key, min(limit, PAGE_MAX)
        )
        return [_document(r) for r in records]

    async def search(
        self, kind: str, wanted: Wanted, *, session: str | None = None, after: str = ""
    ) -> Documents:
        """Return the documents that are wanted in their order, each with ``cursor``."""
        n, _, key = after.partition(":")
        first_n = ENTRY_MAX if wanted.newest_first else 0
        records = await self._pool.fetch(
            SQL["projections_search_newest" if wanted.newest_first else "projections_search"],
            kind,
            self._of(session),
            int(n or first_n),
            key,
            min(wanted.limit, PAGE_MAX),
            json.dumps(dict(wanted.values)),
            wanted.at_field,
            wanted.since_ns,
            wanted.until_ns,
        )
        return [_document(r) for r in records]

    async def newest(self, kind: str, *, session: str | None = None, limit: int = 100) -> Documents:
        """Return documents newest first."""
        records = await self._pool.fetch(
            SQL["projections_newest"], kind, self._of(session), min(limit, PAGE_MAX)
        )
        return [_document(r) for r in records]

    async def get(self, kind: str, key: str, *, session: str | None = None) -> Document | None:
        """Return one document, or None."""
        record = await self._pool.fetchrow(SQL["projection"], kind, key, self._of(session))
        return None if record is None else _document(record)

    async def count(self, kind: str, *, session: str | None = None) -> int:
        """Return how many documents there are."""
        return int(await self._pool.fetchval(SQL["projection_count"], kind, self._of(session)))


class AuditQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries of the audit are asked for; None asks for all. Times are the session's."""

    session: str | None = None
    who: str | None = None
    what: str | None = None
    about: str | None = None
    since_ns: int | None = None
    until_ns: int | None = None


class Audit:
    """The entries of `audit_log` that this service's shards have written."""

    def __init__(self, pool: asyncpg.Pool, shards: list[str]) -> None:
        """``shards``: those whose entries may be read here."""
        self._pool = pool
        self._shards = shards

    async def newest(
        self, query: AuditQuery, *, before: int | None = None, limit: int = 100
    ) -> Documents:
        """Return entries newest first; to go on, pass the last one's ``entry`` as ``before``.

        Entries that belong to no session (the gate's) are among those of every session.
        """
        records = await self._pool.fetch(
            SQL["audit"],
            self._shards,
            ENTRY_MAX if before is None else before,
            *msgspec.structs.astuple(query),
            min(limit, PAGE_MAX),
        )
        return [{**dict(record), "numbers": json.loads(record["numbers"])} for record in records]


def _document(record: Any) -> Document:  # noqa: ANN401 - asyncpg's records are untyped
    document: Document = json.loads(record["document"])
    return {**document, "cursor": f"{record['n']}:{record['key']}"}
