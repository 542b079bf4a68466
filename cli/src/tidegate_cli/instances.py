"""Running instances, as they are written down in ``$TIDEGATE_HOME/run/<instance>.json``.

`tidegate up` has one instance per home, called ``main``; every demo is one of its own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

import msgspec

from tidegate_cli.errors import Misused, Unreachable
from tidegate_cli.identity import Identity

MAIN = "main"
State = Literal["starting", "ready", "failed", "stopping"]


class ProcessRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One process of an instance."""

    pid: int | None
    port: int | None = None
    restarts: int = 0


class InstanceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to know about a running instance. Holds no secret."""

    instance: str
    state: State
    # What is being done, in words; with state `failed`, what went wrong.
    stage: str = ""
    hint: str = ""
    # With state `failed`: what a command that waits for this start exits with.
    exit_code: int = 0
    supervisor_pid: int
    supervisor_start_ticks: int
    started_at: str
    folder: Path
    configuration: Path
    ephemeral: bool
    sessions: tuple[str, ...]
    nats_url: str = ""
    # Where the tracing UI is; empty without one.
    tracing_url: str = ""
    # A process's name to the address of its HTTP; further replicas are called ``risk-2`` and so on.
    http: Mapping[str, str] = {}
    processes: Mapping[str, ProcessRecord] = {}

    @property
    def secrets(self) -> Path:
        """Where the instance's tokens are."""
        return self.folder / "secrets"

    def addresses(self, service: str) -> tuple[str, ...]:
        """Return where each replica of a service answers, in order; nothing while it has none."""
        return tuple(
            self.http[name]
            for name in sorted(self.http)
            if name == service or name.removeprefix(f"{service}-").isdigit()
        )

    def alive(self) -> bool:
        """Tell whether the instance's supervisor runs."""
        return Identity(self.supervisor_pid, self.supervisor_start_ticks).alive()

    def write(self, path: Path) -> None:
        """Write the record, whole or not at all."""
        partial = path.with_name(f".{path.name}.partial")
        partial.write_bytes(msgspec.json.format(msgspec.json.encode(self, enc_hook=str)) + b"\n")
        partial.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return a record, or None when there is none any more."""
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        return msgspec.convert(json.loads(content), cls, dec_hook=_decoded)


def _decoded(kind: type, value: object) -> object:
    return Path(str(value)) if kind is Path else value


def home(process: Mapping[str, str] | None = None) -> Path:
    """Return `TIDEGATE_HOME`."""
    from tidegate_chassis.configuration import Environment, tidegate_home

    return tidegate_home(Environment(os.environ if process is None else process, {}))


def record_path(home_folder: Path, instance: str) -> Path:
    """Return where an instance is written down."""
    return home_folder / "run" / f"{instance}.json"


def running(home_folder: Path) -> list[InstanceRecord]:
    """Return the instances whose supervisors run, sorted by name."""
    records = [InstanceRecord.read(path) for path in sorted((home_folder / "run").glob("*.json"))]
    return [record for record in records if record is not None and record.alive()]


def find(instance: str | None) -> InstanceRecord:
    """Return the instance meant: by its name, or the main one, or the only one."""
    home_folder = home()
    found = {record.instance: record for record in running(home_folder)}
    wanted = instance or os.environ.get("TIDEGATE_INSTANCE") or (MAIN if MAIN in found else None)
    if wanted is None and len(found) > 1:
        names = ", ".join(found)
        raise Misused(
            "WHICH_INSTANCE",
            f"several instances run: {names}",
            expected="--instance NAME",
            found="no name",
            hint=f"name one of {names}",
        )
    if wanted is None and found:
        return next(iter(found.values()))
    if wanted in found:
        return found[wanted]
    raise Unreachable(
        "NOT_RUNNING",
        f"instance {wanted} does not run" if wanted else "nothing runs",
        expected=f"a running instance in {home_folder / 'run'}",
        found=f"only {', '.join(found)}" if found else "none",
        hint="start one with `tidegate up` or `tidegate demo`",
    )


def checked_session(session: str | None, known: tuple[str, ...]) -> None:
    """Refuse a session that the instance does not have."""
    if session is not None and session not in known:
        raise Misused(
            "UNKNOWN_SESSION",
            f"the instance has no session {session!r}",
            expected=f"one of {', '.join(known)}",
            found=session,
            hint="`tidegate status` lists them",
        )
