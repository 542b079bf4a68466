"""`tidegate replay`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import typer

from tidegate_cli.configured import load_judged
from tidegate_cli.errors import Misused
from tidegate_cli.output import Output
from tidegate_cli.recorded import Source, recording
from tidegate_kernel.errors import TimeError
from tidegate_kernel.time import parse_time

if TYPE_CHECKING:
    from tidegate_chassis.recorded.recording import Recording
    from tidegate_lab.replay.difference import Difference, Said
    from tidegate_lab.replay.verify import Report


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command's options."""

    session: str
    source: Source
    verify: bool = False
    state: str | None = None
    at: str | None = None
    export: Path | None = None
    shard: str | None = None
    file: Path | None = None
    differences_max: int = 1


def run(output: Output, wanted: Wanted) -> None:
    """Verify a recorded session, show a state of it, or export it."""
    asked = [wanted.verify, wanted.state is not None, wanted.export is not None]
    if sum(asked) > 1:
        raise Misused("USAGE", "--verify, --state and --export are asked for one at a time")
    if wanted.at is not None and wanted.state is None:
        raise Misused("USAGE", "--at needs --state SHARD", hint="see `tidegate replay --help`")
    with recording(output, wanted.source) as found:
        if wanted.state is not None:
            _show_state(output, found, wanted)
        elif wanted.export is not None:
            _export(output, found, wanted, wanted.export)
        else:
            _verify(output, found, wanted)


# --- verify -----------------------------------------------------------------------------------


def _verify(output: Output, found: Recording, wanted: Wanted) -> None:
    from tidegate_lab.replay.definitions import definition_of, definitions_of
    from tidegate_lab.replay.verify import verify

    changed = None if wanted.file is None else load_judged(wanted.file).configuration
    definitions = definitions_of(found, wanted.session, changed)
    if wanted.shard is not None:
        definition_of(found, wanted.session, wanted.shard)
        definitions = [each for each in definitions if each.shard == wanted.shard]
    output.progress(f"journals to handle again: {len(definitions)} ...")
    started_s = time.monotonic()
    report = verify(found, wanted.session, definitions, wanted.differences_max)
    if report.outcome is not None:
        duration_s = round(time.monotonic() - started_s, 3)
        outcome = msgspec.structs.replace(report.outcome, duration_s=duration_s)
        report = msgspec.structs.replace(report, outcome=outcome)
    _say(output, report)
    output.result(msgspec.to_builtins(report))
    if report.differ:
        raise typer.Exit(1)


def _say(output: Output, report: Report) -> None:
    headings = ("shard", "after n", "inputs", "decisions", "messages", "snapshots", "differ")
    rows = [
        (s.shard, s.after_n, s.inputs, s.decisions, s.messages, s.snapshots, s.differ)
        for s in report.shards
    ]
    output.table(headings, rows)
    for shard in report.shards:
        others = [core for core in shard.cores_recorded if core != shard.core]
        if others:
            output.text(
                f"{shard.shard}: recorded by core {', '.join(others)}; this is {shard.core}"
            )
    for shard in report.shards:
        for difference in shard.differences:
            _say_difference(output, difference)
    if report.outcome is not None:
        output.text(f"\nledger hash  {report.outcome.ledger_hash}")
        output.text(f"orders hash  {report.outcome.orders_hash}")
    output.text(
        f"\n{report.differ:,} decisions differ, of {report.decisions:,} ({report.inputs:,} inputs)"
    )


def _say_difference(output: Output, difference: Difference) -> None:
    output.text(f"\n{difference.shard} differs at n={difference.n} ({difference.kind})")
    if difference.note:
        output.text(f"  {difference.note}")
    for name, said in (("recorded", difference.recorded), ("replayed", difference.replayed)):
        output.text(f"  {name}: {_told(said)}")
    for field in difference.fields:
        output.text(f"    {field.path}: {field.recorded!r} -> {field.replayed!r}")
    if not difference.fields:
        for name, said in (("recorded", difference.recorded), ("replayed", difference.replayed)):
            for path, value in ({} if said is None else said.fields).items():
                output.text(f"    {name} {path}: {value!r}")
    output.text("  caused by")
    for cause in difference.causes:
        where = f"{cause.channel} k={cause.k}" if cause.channel else ""
        output.text(f"    {cause.shard} n={cause.n} {cause.at} {cause.kind} {cause.name} {where}")


def _told(said: Said | None) -> str:
    return "nothing that is on record" if said is None else f"{said.kind} {said.name}"


# --- state and export -------------------------------------------------------------------------


def _show_state(output: Output, found: Recording, wanted: Wanted) -> None:
    from tidegate_chassis.recorded.positions import position_at
    from tidegate_lab.replay.definitions import definition_of
    from tidegate_lab.replay.state import state_at

    assert wanted.state is not None
    definition = definition_of(found, wanted.session, wanted.state)
    n = None
    if wanted.at is not None:
        n = int(wanted.at) if wanted.at.isdigit() else None
        n = position_at(found, wanted.state, _time(wanted.at)) if n is None else n
    state = state_at(found, definition, n)
    if state.core != state.core_recorded:
        output.progress(
            f"Warning: input {state.n} was recorded by core {state.core_recorded}; this is the "
            f"state that core {state.core} comes to"
        )
    document = msgspec.to_builtins(state)
    output.text(msgspec.json.format(msgspec.json.encode(document)).decode())
    output.result(document)


def _time(text: str) -> int:
    try:
        return parse_time(text)[0]
    except TimeError as error:
        expected = "a position n, or a time such as 2024-01-31T09:30:00Z"
        raise Misused("AT", str(error), expected=expected, found=text) from None


def _export(output: Output, found: Recording, wanted: Wanted, folder: Path) -> None:
    from tidegate_lab.replay.archive import write_archive
    from tidegate_lab.replay.definitions import feed_shard_of, readers_of

    names = [
        feed_shard_of(found.configuration, wanted.session),
        *(each.shard for each in readers_of(found.configuration, wanted.session)),
    ]
    manifest = write_archive(found, wanted.session, names, folder)
    rows = [
        (each.shard, each.journal.rows, each.messages.rows, each.snapshots.rows)
        for each in manifest.shards
    ]
    output.table(("shard", "inputs", "messages", "snapshots"), rows)
    output.text(f"\n{folder}\n{manifest.hash}")
    output.result({"folder": folder, **msgspec.to_builtins(manifest)})
