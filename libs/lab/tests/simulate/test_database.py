"""The database of a simulated world answers the journal as PostgreSQL does."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from asyncpg.exceptions import PostgresError

from tidegate_chassis.database import migrate, open_pool
from tidegate_chassis.host.errors import LeaseLost
from tidegate_chassis.host.facts import Facts
from tidegate_chassis.host.inputs import JournalRow
from tidegate_chassis.host.journal import Journal, OutboxRow
from tidegate_lab.simulate.database import Database
from tidegate_lab.simulate.loop import VirtualLoop

if TYPE_CHECKING:
    from collections.abc import Coroutine

SHARD, CHANNEL, OTHER = "risk/contract", "risk/contract", "breakers/contract"


def _row(n: int) -> JournalRow:
    return JournalRow(
        n, 1_000 * n, 1, "", "signals/x", n, b"h", f"id {n}", "a.Signal", b"p", -1, -1, b"e"
    )


def _message(k: int, n: int, channel: str = CHANNEL) -> OutboxRow:
    return OutboxRow(channel, k, f"verdicts.x.{k}", f"headers {k}", b"said", n=n, at_ns=1_000 * n)


async def _outcome(doing: Coroutine[Any, Any, Any]) -> object:
    """Return what came of it; of a failure its kind."""
    try:
        return await doing
    except (LeaseLost, PostgresError) as error:
        return type(error).__name__


async def _story(pool: Any) -> list[object]:  # noqa: ANN401 - asyncpg's or the stand-in
    """Two replicas lead one shard, one after the other; return every answer."""
    first, second = Journal(pool, SHARD, "core"), Journal(pool, SHARD, "core")
    nothing = Facts()
    said = [_message(1, 1), _message(2, 2), _message(1, 2, OTHER)]
    return [
        await first.acquire("a"),
        await second.acquire("b"),
        await _outcome(first.commit([_row(1), _row(2)], said, nothing)),
        await _outcome(first.commit([_row(3)], [], nothing)),
        await _outcome(first.commit([_row(3)], [], nothing)),
        await _outcome(first.commit([_row(4)], [_message(2, 4)], nothing)),
        await first.outbox_heads(),
        await first.unmarked(),
        await _outcome(first.mark({CHANNEL: 1})),
        await first.unmarked(),
        await first.resend(CHANNEL, 2, 10),
        await first.last_snapshot(),
        await _outcome(first.save_snapshot(2, b"state")),
        await first.last_snapshot(),
        [row async for row in first.tail(1)],
        await _outcome(first.release()),
        await second.acquire("b"),
        second.term,
        await _outcome(first.touch()),
        await _outcome(first.commit([_row(4)], [_message(3, 4)], nothing)),
        await _outcome(second.commit([_row(4)], [_message(3, 4)], nothing)),
        await second.outbox_heads(),
        [row.row.n async for row in second.tail(0)],
    ]


async def _really(url: str) -> list[object]:
    await migrate(url)
    pool = await open_pool(url)
    try:
        return await _story(pool)
    finally:
        await pool.close()


@pytest.mark.real
def test_the_journal_gets_the_same_answers(database_url: str) -> None:
    """Leases, terms, doubles, fences, marks, snapshots and tails."""
    loop = VirtualLoop()
    simulated = loop.run_until_complete(_story(Database("risk", loop, Random(1))))
    loop.forget()
    assert simulated == asyncio.run(_really(database_url))
