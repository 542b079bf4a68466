"""Snapshot + journal through the same machine again.

Every input is handled again and the hash of its effects is compared with the recorded one; a
difference stops the shard and names the row and both versions. So recovery exercises
determinism every time. The lab's replay hands whole journals to the same `Rerun`.
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
from tidegate_chassis.host.errors import JournalRefused, OtherCore
from tidegate_chassis.host.inputs import Input, InputKind, unpack_event
from tidegate_chassis.host.ports import round_ports

if TYPE_CHECKING:
    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_chassis.host.engine import Taken
    from tidegate_chassis.host.inputs import JournalRow
    from tidegate_chassis.host.journal import Journal, TailRow


_KINDS = {int(kind): kind for kind in InputKind}


class Rerun:
    """A shard's machine that handles its journal again; none of its effects is performed."""

    def __init__(self, definition: ShardDefinition, state: bytes | None) -> None:
        """Begin at a snapshot's state, or with None at the genesis."""
        books, memory = (Bookkeeping(), None) if state is None else read_snapshot(state)
        machine = definition.machine.restore(definition.parameters, memory)
        self.engine = Engine(definition.shard, machine, books, round_ports(definition))

    def handle(self, row: JournalRow) -> Taken:
        """Handle one recorded input; rounds begin and end where they did."""
        engine, books = self.engine, self.engine.books
        engine.outside = row.round == OUTSIDE_ROUNDS
        if engine.outside:
            self._finish_round()
        elif row.instant_ns != NOT_STARTED_NS and (row.instant_ns, row.round) != (
            books.instant_ns,
            books.round,
        ):
            self._finish_round()
            engine.begin_round(row.instant_ns, row.round)
        return engine.take(_input_of(row), row.at_ns)

    def finish(self) -> Engine:
        """Leave the last round; return the engine as it stands after the journal."""
        self.engine.outside = False
        self._finish_round()
        return self.engine

    def _finish_round(self) -> None:
        books = self.engine.books
        if books.round >= 0 and (not books.reports or books.reports[-1].round < books.round):
            self.engine.end_round(books.round)


def is_same(taken: Taken, row: JournalRow) -> bool:
    """Tell whether an input came to the same effects as when it was recorded."""
    return taken.row.n == row.n and taken.row.effects_hash == row.effects_hash


class Recovery:
    """Rebuilds a shard's engine, in one go or behind a leader that still writes."""

    def __init__(self, definition: ShardDefinition, journal: Journal) -> None:
        """Read nothing yet."""
        self._definition = definition
        self._journal = journal
        self._rerun: Rerun | None = None
        # The input that its snapshot ended with.
        self.snapshot_n = 0

    @property
    def n(self) -> int:
        """The last input that it has handled."""
        return 0 if self._rerun is None else self._rerun.engine.books.n

    async def catch_up(self) -> int:
        """Handle again what the journal holds by now; return how many inputs that were."""
        if self._rerun is None:
            stored = await self._journal.last_snapshot()
            self._rerun = Rerun(self._definition, None if stored is None else stored[2])
            self.snapshot_n = self.n
        again = 0
        async for tail in self._journal.tail(self.n):
            _refuse_other_core(tail, self._journal)
            taken = self._rerun.handle(tail.row)
            if not is_same(taken, tail.row):
                raise JournalRefused(_difference(self._journal.shard, tail, taken))
            again += 1
        return again

    def finish(self) -> Engine:
        """Return the engine after all that it has handled; it can catch up no further."""
        assert self._rerun is not None, "caught up once at least"
        return self._rerun.finish()


def _refuse_other_core(tail: TailRow, journal: Journal) -> None:
    if tail.core != journal.core:
        message = (
            f"shard {journal.shard}: journal row n={tail.row.n} was written by core {tail.core}, "
            f"this is core {journal.core}. A tail is never decided again by another version: "
            "start the version that wrote it and let it drain (tidegate down), then upgrade"
        )
        raise OtherCore(message)


def _difference(shard: str, tail: TailRow, taken: Taken) -> str:
    row = tail.row
    return (
        f"shard {shard}: journal row n={row.n} ({InputKind(row.kind).name} "
        f"{row.schema or row.name}) gave effects {row.effects_hash.hex() or 'none'} under core "
        f"{tail.core} and gives {taken.row.effects_hash.hex() or 'none'} at n={taken.row.n} "
        "now: the core is not deterministic, or the journal was changed; nothing is traded"
    )


def _input_of(row: JournalRow) -> Input:
    return Input(
        _KINDS[row.kind],
        unpack_event(row),
        row.name,
        row.channel,
        row.k,
        row.chain,
        row.message_id,
        payload=row.payload,
    )
