"""`tidegate down`."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

from tidegate_cli.errors import Failed, Misused, Unreachable
from tidegate_cli.identity import Identity
from tidegate_cli.instances import MAIN, InstanceRecord, find, home, record_path
from tidegate_cli.output import Output

PATIENCE_S = 60.0
_POLL_S = 0.05
PURGED = ("data", "logs", "run", "secrets")


def run(output: Output, instance: str | None, *, purge: bool, yes: bool) -> None:
    """End an instance; with ``purge`` remove what it has left, after asking."""
    home_folder = home()
    ended = _end(output, instance, purge=purge)
    removed: list[str] = []
    if purge:
        if instance not in {None, MAIN}:
            hint = "a demo removes its own folder when it ends"
            raise Misused("NOT_PURGED", f"only {MAIN} has data to purge", hint=hint)
        removed = _purge(output, home_folder, yes=yes)
    output.text(f"{ended} ended" if ended else "nothing was running")
    output.result({"instance": ended, "stopped": ended is not None, "purged": removed})


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
