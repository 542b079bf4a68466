"""Snapshot + journal through the same machine again.

Every input is handled again and the hash of its effects is compared with the recorded one; a
difference stops the shard and names the row and both versions. So recovery exercises
determinism every time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host.engine import (
    NOT_STARTED_NS,
    OUTSIDE_ROUNDS,
    Bookkeeping,
    Engine,
    read_snapshot,
)
from tidegate_chassis.host.errors import JournalRefused
from tidegate_chassis.host.inputs import Input, InputKind, unpack_event

if TYPE_CHECKING:
    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_chassis.host.journal import Journal, TailRow


async def recover(
    definition: ShardDefinition, journal: Journal, round_ports: frozenset[str]
) -> tuple[Engine, int]:
    """Rebuild the shard's engine; return it and how many inputs were handled again."""
    stored = await journal.last_snapshot()
    books, state = (Bookkeeping(), None) if stored is None else read_snapshot(stored[2])
    machine = definition.machine.restore(definition.parameters, state)
    engine = Engine(definition.shard, machine, books, round_ports)
    again = 0
    async for tail in journal.tail(books.n):
        _refuse_other_core(tail, journal)
        _handle_again(engine, tail)
        again += 1
    engine.outside = False
    _finish_round(engine)
    return engine, again


def _refuse_other_core(tail: TailRow, journal: Journal) -> None:
    if tail.core != journal.core:
        message = (
            f"shard {journal.shard}: journal row n={tail.row.n} was written by core {tail.core}, "
            f"this is core {journal.core}. A tail is never decided again by another version: "
            "start the version that wrote it and let it drain (tidegate down), then upgrade"
        )
        raise JournalRefused(message)


def _handle_again(engine: Engine, tail: TailRow) -> None:
    row = tail.row
    books = engine.books
    engine.outside = row.round == OUTSIDE_ROUNDS
    if engine.outside:
        _finish_round(engine)
    elif row.instant_ns != NOT_STARTED_NS and (row.instant_ns, row.round) != (
        books.instant_ns,
        books.round,
    ):
        _finish_round(engine)
        engine.begin_round(row.instant_ns, row.round)
    item = Input(
        InputKind(row.kind),
        unpack_event(row),
        row.name,
        row.channel,
        row.k,
        row.chain,
        row.message_id,
    )
    taken = engine.take(item, row.at_ns)
    if taken.row.n != row.n or taken.row.effects_hash != row.effects_hash:
        message = (
            f"shard {engine.shard}: journal row n={row.n} ({InputKind(row.kind).name} "
            f"{row.schema or row.name}) gave effects {row.effects_hash.hex() or 'none'} under core "
            f"{tail.core} and gives {taken.row.effects_hash.hex() or 'none'} at n={taken.row.n} "
            "now: the core is not deterministic, or the journal was changed; nothing is traded"
        )
        raise JournalRefused(message)


def _finish_round(engine: Engine) -> None:
    books = engine.books
    if books.round >= 0 and (not books.reports or books.reports[-1].round < books.round):
        engine.end_round(books.round)
