"""The state of a shard at any position: the nearest snapshot before it, and the journal between."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tidegate_chassis.host.recovery import Rerun
from tidegate_chassis.host.version import core_version
from tidegate_chassis.recorded.errors import NotRecorded
from tidegate_chassis.recorded.positions import nearest
from tidegate_kernel.money import use_money_context
from tidegate_kernel.time import format_time
from tidegate_lab.replay.readable import Document, value_of

if TYPE_CHECKING:
    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_chassis.host.engine import Engine
    from tidegate_chassis.recorded.recording import Recording


class ShardState(msgspec.Struct, frozen=True, kw_only=True):
    """A shard after its input n: what its machine remembers, and the host's books beside it."""

    shard: str
    n: int
    at: str
    at_ns: int
    # The version that runs now, and the one under which input n was recorded.
    core: str
    core_recorded: str
    machine: Document
    books: Document


def engine_at(recording: Recording, definition: ShardDefinition, n: int | None = None) -> Engine:
    """Return a shard's engine after input n; without n, at the end of the journal."""
    return _rerun(recording, definition, n).engine


def state_at(recording: Recording, definition: ShardDefinition, n: int | None = None) -> ShardState:
    """Return the state after input n; without n, at the end of the journal."""
    found = _rerun(recording, definition, n)
    shard, at_ns = definition.shard, found.at_ns
    return ShardState(
        shard=shard,
        n=found.n,
        at=format_time(at_ns) if at_ns > 0 else "",
        at_ns=at_ns,
        core=found.core,
        core_recorded=found.core_recorded,
        machine=value_of(msgspec.msgpack.decode(found.engine.machine.snapshot(), strict=False)),
        books=value_of(found.engine.books),
    )


class _Found(NamedTuple):
    engine: Engine
    n: int
    at_ns: int
    core: str
    core_recorded: str


def _rerun(recording: Recording, definition: ShardDefinition, n: int | None) -> _Found:
    use_money_context()
    shard, last_n = definition.shard, recording.extent(definition.shard).last_n
    wanted = last_n if n is None else n
    if not 0 <= wanted <= last_n:
        raise NotRecorded(f"a position from 0 to {last_n} of {shard}", str(wanted))
    core = core_version(definition.machine, definition.parameters)
    start = nearest(recording, shard, wanted, core)
    rerun = Rerun(definition, start.state)
    at_ns, recorded = 0, ""
    for tail in recording.rows(shard, start.n, wanted):
        rerun.handle(tail.row)
        at_ns, recorded = tail.row.at_ns, tail.core
    if start.n == wanted and wanted:
        last = next(iter(recording.rows(shard, wanted - 1, wanted)), None)
        at_ns, recorded = (last.row.at_ns, last.core) if last is not None else (0, core)
    return _Found(rerun.finish(), wanted, at_ns, core, recorded or core)
