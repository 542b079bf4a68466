"""What became of every signal, and what execution took of leaders that had lost their lease."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import asyncpg
import msgspec
from tests.benchmarks.sessions import SESSION
from tests.crash.audit import audit
from tests.crash.books import read_books
from tests.crash.findings import Kind, count

from tidegate_chassis.host.inputs import InputKind
from tidegate_contracts import codec
from tidegate_contracts.execution import OrderEvent
from tidegate_contracts.risk import Verdict

from .session import REPLICAS, SHARD

if TYPE_CHECKING:
    from tests.instances import Instance

    from .ear import Ear

VERDICT = "tidegate.risk.v1.Verdict"
ORDER_EVENT = "tidegate.execution.v1.OrderEvent"
TAKEN = """
select message_id, payload from journal
where shard = $1 and kind = $2 and schema = $3 order by k
"""
TERMS = "select n, term from journal where shard = $1"
STALE_TERM = """
select count(*) from projection
where shard = $1 and kind = 'order' and document ->> 'reason_code' = 'TERM_STALE'
"""
SHOWN = 20


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What was found at rest."""

    signals: int
    # Signals without a verdict, with two; everything else that an audit finds.
    missing: int
    double: int
    wrong: int
    orders: int
    # Verdicts that execution took although their term had not decided them, or after a newer one.
    stale_accepted: int
    # Verdicts that a leader said again after its successor had spoken; execution knew them.
    stale_heard: int
    # Verdicts and commits that were refused because of a newer term.
    stale_refused: int
    commits_refused: int
    findings: list[str]


def judge(instance: Instance, ear: Ear) -> Judgement:
    """Read everything that was written down; the instance is at rest."""
    books = asyncio.run(read_books(instance))
    findings = audit(books)
    stale, refused = asyncio.run(_stale(instance))
    events = [body for body in books.said(ORDER_EVENT) if isinstance(body, OrderEvent)]
    return Judgement(
        signals=len(books.said("tidegate.signals.v1.Signal")),
        missing=count(findings, Kind.LOST),
        double=count(findings, Kind.DUPLICATE),
        wrong=count(findings, Kind.WRONG),
        orders=len({event.specification.client_order_id for event in events}),
        stale_accepted=stale,
        stale_heard=ear.older_than_known(),
        stale_refused=refused,
        commits_refused=_commits_refused(instance),
        findings=[f"{finding.kind}: {finding.what}" for finding in findings[:SHOWN]],
    )


async def _stale(instance: Instance) -> tuple[int, int]:
    """Return how many stale verdicts execution took, and how many it refused by their term."""
    risk = await asyncpg.connect(instance.database_url("risk"))
    execution = await asyncpg.connect(instance.database_url("execution"))
    try:
        terms = {row["n"]: row["term"] for row in await risk.fetch(TERMS, SHARD)}
        shard = f"execution/{SESSION}"
        taken = await execution.fetch(TAKEN, shard, InputKind.MESSAGE, VERDICT)
        refused = await execution.fetchval(STALE_TERM, shard)
    finally:
        await risk.close()
        await execution.close()
    stale = newest = 0
    for row in taken:
        verdict = codec.decode_as(Verdict, row["payload"])
        _, term, place = row["message_id"].rsplit(":", 2)
        decided_under = terms.get(int(place.partition(".")[0]))
        stale += not (int(term) == verdict.term == decided_under and verdict.term >= newest)
        newest = max(newest, verdict.term)
    return stale, refused


def _commits_refused(instance: Instance) -> int:
    """Count the shards that were stopped because another process had taken over."""
    return sum(
        str(json.loads(line).get("reason")).startswith("LeaseLost")
        for process in REPLICAS
        for line in (instance.folder / "logs" / f"{process}.jsonl").read_text().splitlines()
    )
