"""What the kernel says of the processes of an instance, now."""

from __future__ import annotations

from pathlib import Path

PROGRAMS = {"nats-server": "nats-server", "postgres": "postgres", "valkey": "valkey-server"}
"""The servers of an instance, and the programs that they run as."""


def find(parent: int, name: str) -> int | None:
    """Return the living child of a supervisor that is this service or server, or None."""
    module = f"tidegate_{name.replace('-', '_')}"
    for pid in children(parent):
        if name in PROGRAMS and _program(pid) == PROGRAMS[name]:
            return pid
        if name not in PROGRAMS and _command(pid)[-1:] == [module]:
            return pid
    return None


def is_stopped(pid: int) -> bool:
    """Tell whether a process has been told to stop (SIGSTOP)."""
    return _state(pid) == "T"


def children(parent: int) -> list[int]:
    """Return the living children of a process, of all its threads."""
    found: list[int] = []
    for path in Path(f"/proc/{parent}/task").glob("*/children"):
        found += [int(pid) for pid in path.read_text().split()]
    return [pid for pid in found if _state(pid) not in {"Z", "X", ""}]


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/exe").readlink().name
    except OSError:
        return ""


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
    except OSError:
        return []
