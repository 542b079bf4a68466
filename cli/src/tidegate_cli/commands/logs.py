"""`tidegate logs`: the services' JSON logs as lines for people, or as they are."""

from __future__ import annotations

import json
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tidegate_cli.errors import Misused, Unreachable as NothingThere
from tidegate_cli.instances import find, home
from tidegate_cli.output import Output

_POLL_S = 0.2
_SHOWN_FIRST = ("at", "level", "service", "event")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines."""

    service: str | None
    lines: int
    instance: str | None
    follow: bool


def run(output: Output, wanted: Wanted) -> None:
    """Show the last lines in the order of their time, then, if wanted, what comes."""
    folder = _folder(wanted.instance)
    paths = _paths(folder, wanted.service)
    last = [line for path in paths for line in _last(path, wanted.lines)]
    if not paths:
        output.progress(f"there are no logs in {folder}: nothing has run there yet")
    for line in sorted(last, key=_time_of):
        output.text(readable(line))
    output.result({"folder": str(folder), "lines": [_parsed(line) for line in last]})
    if wanted.follow:
        _follow(output, paths)


def readable(line: str) -> str:
    """Write a JSON line for a person; anything else stays as it is."""
    fields = _parsed(line)
    if "event" not in fields:
        return line
    rest = " ".join(f"{k}={v}" for k, v in fields.items() if k not in _SHOWN_FIRST)
    shown = [str(fields.get(name, "")) for name in _SHOWN_FIRST]
    return f"{shown[0]:<24.24} {shown[1]:<8}{shown[2]:<12} {shown[3]} {rest}".rstrip()


def _folder(instance: str | None) -> Path:
    if instance is not None:
        return find(instance).folder / "logs"
    try:
        return find(None).folder / "logs"
    except NothingThere:
        return home() / "logs"  # what a stopped instance has left


def _paths(folder: Path, service: str | None) -> list[Path]:
    known = {path.stem: path for path in sorted(folder.glob("*.jsonl")) if "." not in path.stem}
    if service is None:
        return list(known.values())
    if service not in known:
        raise Misused(
            "NO_LOG",
            f"there is no log of {service!r} in {folder}",
            expected=", ".join(known) or "a log",
            found=service,
        )
    return [known[service]]


def _last(path: Path, lines: int) -> list[str]:
    with path.open(encoding="utf-8", errors="replace") as file:
        return [line.rstrip("\n") for line in deque(file, maxlen=max(lines, 0))]


def _follow(output: Output, paths: list[Path]) -> None:
    open_files = {path: _at_end(path) for path in paths}
    while True:
        for path in paths:
            for line in open_files[path]:
                output.text(readable(line.rstrip("\n")))
            if _turned_over(path, open_files[path]):
                open_files[path].close()
                open_files[path] = path.open(encoding="utf-8", errors="replace")
        time.sleep(_POLL_S)


def _at_end(path: Path) -> IO[str]:
    file = path.open(encoding="utf-8", errors="replace")
    file.seek(0, 2)
    return file


def _turned_over(path: Path, file: IO[str]) -> bool:
    return path.exists() and path.stat().st_size < file.tell()


def _time_of(line: str) -> str:
    return str(_parsed(line).get("at", ""))


def _parsed(line: str) -> dict[str, object]:
    try:
        fields = json.loads(line)
    except ValueError:
        return {"text": line}
    return fields if isinstance(fields, dict) else {"text": line}
