"""`tidegate admin archive`: old journal rows into Parquet, and out of the databases.

1. The session's journals are written with their hashes, as `replay --export` does.
2. What was written is read again, every hash is judged, and every shard is decided again from it:
   no decision and no snapshot may differ.
3. Only then, and only with ``--drop``, rows go: those up to the older of the two newest snapshots
   that were reached again. What recovery needs is behind them. Messages that were said, audit and
   projections stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_chassis.database import connect
from tidegate_chassis.host.topology import service_of_channel
from tidegate_cli.errors import Failed
from tidegate_cli.output import Output
from tidegate_cli.reached import databases_of
from tidegate_cli.recorded import Source, located, recording

if TYPE_CHECKING:
    from tidegate_chassis.recorded.recording import Recording
    from tidegate_lab.replay.verify import Report

KEPT_SNAPSHOTS = 2
BATCH_ROWS = 10_000
_DROP = """
delete from journal where shard = $1 and n <= $2 and n <= (
    select min(n) + $3 from journal where shard = $1)
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command's options."""

    session: str
    folder: Path
    instance: str | None
    drop: bool


def run(output: Output, wanted: Wanted) -> None:
    """Archive, verify, and drop what may be dropped."""
    output.progress(f"writing the journals of {wanted.session} into {wanted.folder} ...")
    with recording(output, Source(wanted.instance)) as found:
        _write(found, wanted)
    with recording(output, Source(journals=wanted.folder)) as archived:
        output.progress("deciding everything again from what was written ...")
        report = _verified(archived, wanted)
        limits = {
            each.shard: droppable([s.n for s in archived.snapshots(each.shard)], each.snapshots)
            for each in report.shards
        }
    dropped = _dropped(wanted, limits) if wanted.drop else {}
    rows = [
        (each.shard, each.last_n, each.snapshots, limits[each.shard], dropped.get(each.shard, 0))
        for each in report.shards
    ]
    output.table(("shard", "inputs", "states reached", "may go up to", "rows dropped"), rows)
    output.text(f"\n{wanted.folder}: 0 decisions differ, of {report.decisions:,}")
    if kept := [shard for shard, limit in limits.items() if not limit]:
        output.text(
            f"kept whole: {', '.join(kept)}: two snapshots by these very cores are needed, and "
            "each must be reached again"
        )
    if not wanted.drop:
        output.text("nothing was dropped: --drop does that")
    output.result(
        {
            "folder": str(wanted.folder),
            "decisions": report.decisions,
            "may_go_up_to": limits,
            "dropped": dropped,
        }
    )


def droppable(snapshots: Sequence[int], reached: int) -> int:
    """Return up to which input a journal may be dropped: two snapshots stay, both reached again.

    Snapshots that other cores left are not reached by this code: then it is nothing, 0.
    """
    if len(snapshots) < KEPT_SNAPSHOTS or reached < len(snapshots):
        return 0
    return sorted(snapshots)[-KEPT_SNAPSHOTS]


def _write(found: Recording, wanted: Wanted) -> None:
    from tidegate_lab.replay.archive import write_archive
    from tidegate_lab.replay.definitions import definitions_of

    names = [each.shard for each in definitions_of(found, wanted.session, None)]
    write_archive(found, wanted.session, names, wanted.folder)


def _verified(archived: Recording, wanted: Wanted) -> Report:
    from tidegate_lab.replay.definitions import definitions_of
    from tidegate_lab.replay.verify import verify

    report = verify(archived, wanted.session, definitions_of(archived, wanted.session, None))
    if report.differ:
        shard = next(each for each in report.shards if each.differ)
        raise Failed(
            "NOT_VERIFIED",
            f"{report.differ} decisions differ, the first in {shard.shard}: nothing was dropped",
            expected="the recorded decisions, from what was written",
            found=f"{shard.differ} others",
            hint=f"`tidegate replay {wanted.session} --journals {wanted.folder}` shows them",
        )
    return report


def _dropped(wanted: Wanted, limits: Mapping[str, int]) -> dict[str, int]:
    record, folder = located(wanted.instance)
    with databases_of(folder, record) as urls:
        return asyncio.run(_drop(urls, limits))


async def _drop(urls: Mapping[str, str], limits: Mapping[str, int]) -> dict[str, int]:
    dropped = dict.fromkeys(limits, 0)
    for shard, limit in limits.items():
        connection = await connect(urls[service_of_channel(shard)], "tidegate-archive")
        try:
            while True:
                status = await connection.execute(_DROP, shard, limit, BATCH_ROWS)
                rows = int(status.rpartition(" ")[2])
                dropped[shard] += rows
                if not rows:
                    break
        finally:
            await connection.close()
    return dropped
