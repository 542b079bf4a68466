"""`tidegate down`."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tidegate_cli.errors import CommandError, Failed, Misused, Refused, Unreachable
from tidegate_cli.exposed import Open, look
from tidegate_cli.identity import Identity
from tidegate_cli.instances import MAIN, InstanceRecord, find, home, record_path
from tidegate_cli.output import Output

PATIENCE_S = 60.0
_POLL_S = 0.05
PURGED = ("data", "logs", "run", "secrets")


@dataclass(frozen=True, slots=True)
class Purge:
    """Whether all that an instance has left is removed, and what was said about it before."""

    wanted: bool
    yes: bool = False
    # Also what is open at a venue is left to itself.
    abandon: bool = False


def run(output: Output, instance: str | None, purge: Purge) -> None:
    """End an instance; with ``purge`` remove what it has left, after asking."""
    home_folder = home()
    exposed: list[Open] = []
    if purge.wanted:
        if instance not in {None, MAIN}:
            hint = "a demo removes its own folder when it ends"
            raise Misused("NOT_PURGED", f"only {MAIN} has data to purge", hint=hint)
        exposed = _exposed(output, home_folder, abandon=purge.abandon)
    ended = _end(output, instance, purge=purge.wanted)
    removed = _purge(output, home_folder, yes=purge.yes) if purge.wanted else []
    output.text(f"{ended} ended" if ended else "nothing was running")
    output.result(
        {
            "instance": ended,
            "stopped": ended is not None,
            "purged": removed,
            "abandoned": [each.document() for each in exposed],
        }
    )


def _exposed(output: Output, home_folder: Path, *, abandon: bool) -> list[Open]:
    """Return what is open, all of it named; what cannot be read is open for all we know."""
    try:
        exposed = look(output, home_folder)
    except CommandError as error:
        if not abandon:
            raise
        output.progress(f"not known whether anything is open: {error.message}")
        return []
    require_closed(output, exposed, abandon=abandon)
    return exposed


def require_closed(output: Output, exposed: Sequence[Open], *, abandon: bool) -> None:
    """Name positions and open orders; unless they are abandoned on purpose, end here."""
    if not exposed:
        return
    output.progress("still open:")
    for each in exposed:
        output.progress(f"  {each.sentence()}")
    if not abandon:
        raise Refused(
            "STILL_OPEN",
            f"nothing was ended or removed: {len(exposed)} still open",
            expected="no position and no open order",
            found="; ".join(each.sentence() for each in exposed),
            hint="close them first (`tidegate kill --flatten --reason TEXT`), or leave them to "
            "themselves: --abandon",
        )


def _end(output: Output, instance: str | None, *, purge: bool) -> str | None:
    try:
        record = find(instance or (MAIN if purge else None))
    except Unreachable:
        _remove_stale(home(), instance or MAIN)
        if purge:
            return None
        raise
    output.progress(f"{record.instance}: services drain ...")
    identity = Identity(record.supervisor_pid, record.supervisor_start_ticks)
    os.kill(record.supervisor_pid, signal.SIGTERM)
    deadline_s = time.monotonic() + PATIENCE_S
    while identity.alive():
        if time.monotonic() > deadline_s:
            raise Failed(
                "NOT_STOPPED",
                f"{record.instance} still runs after {PATIENCE_S:g} s",
                expected="its supervisor to end",
                found=f"process {record.supervisor_pid}: {record.stage}",
                hint=f"read {record.folder}/logs/supervisor.jsonl",
            )
        time.sleep(_POLL_S)
    return record.instance


def _remove_stale(home_folder: Path, instance: str) -> None:
    path = record_path(home_folder, instance)
    record = InstanceRecord.read(path)
    if record is not None and not record.alive():
        path.unlink(missing_ok=True)


def _purge(output: Output, home_folder: Path, *, yes: bool) -> list[str]:
    folders = [home_folder / name for name in PURGED if (home_folder / name).exists()]
    for folder in folders:
        output.progress(f"  {folder}  {_megabytes(folder):.1f} MB")
    if not folders:
        return []
    if not yes and not _agreed(output):
        raise Failed("NOT_PURGED", "nothing was removed", hint="--yes removes without asking")
    for folder in folders:
        shutil.rmtree(folder)
    return [str(folder) for folder in folders]


def _agreed(output: Output) -> bool:
    if output.json:
        return False
    output.progress("All of it is lost for good: positions, ledger, gate, keys. Type yes:")
    try:
        return input().strip() == "yes"
    except EOFError:
        return False


def _megabytes(folder: Path) -> float:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
