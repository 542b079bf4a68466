"""Processor time from /proc: of every process of an instance, and of the whole machine."""

from __future__ import annotations

import os
from pathlib import Path

from tidegate_cli.instances import InstanceRecord

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_IDLE_FIELDS = (3, 4)


def busy_seconds() -> float:
    """Return the seconds that all processors together have worked since the machine's start."""
    fields = [int(f) for f in Path("/proc/stat").read_text(encoding="ascii").split()[1:9]]
    return (sum(fields) - sum(fields[place] for place in _IDLE_FIELDS)) / _TICKS_PER_S


def cpu_seconds(record: InstanceRecord) -> dict[str, float]:
    """Return user and system seconds of every process, with its children's."""
    tree = _children()
    found = {}
    for name, process in record.processes.items():
        if process.pid is not None:
            found[name] = sum(_ticks(pid) for pid in _family(process.pid, tree)) / _TICKS_PER_S
    return found


def _family(pid: int, tree: dict[int, list[int]]) -> list[int]:
    members = [pid]
    for member in members:
        members += tree.get(member, [])
    return members


def _children() -> dict[int, list[int]]:
    tree: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            tree.setdefault(int(fields[1]), []).append(int(entry.name))
    return tree


def _ticks(pid: int) -> int:
    """Return user and system ticks of a process and of its children that have ended."""
    fields = _stat(pid)
    return sum(int(field) for field in fields[11:15]) if fields else 0


def _stat(pid: int) -> list[str]:
    """Return the fields of ``/proc/<pid>/stat`` from the third on; empty when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()
