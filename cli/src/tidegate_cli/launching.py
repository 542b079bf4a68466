"""Starts a supervisor and waits until its instance is ready."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tidegate_cli.errors import BadData, CommandError, Failed, Misused, Refused, Unreachable
from tidegate_cli.instances import InstanceRecord, record_path
from tidegate_cli.output import Output
from tidegate_cli.supervisor.plan import Request
from tidegate_cli.supervisor.rotation import tail

READY_PATIENCE_S = 180.0
END_PATIENCE_S = 60.0
_POLL_S = 0.05
_SCHEMES = {
    "DATABASE_URL": ("postgresql", "postgres"),
    "REDIS_URL": ("redis", "rediss", "unix"),
}
_KINDS: dict[int, type[CommandError]] = {
    kind.exit_code: kind for kind in (Failed, Misused, Unreachable, Refused, BadData)
}


def console_path(request: Request) -> Path:
    """Return where the supervisor's own log is."""
    return request.folder / "logs" / "supervisor.jsonl"


def start(request: Request, variables: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start the supervisor, in a session of its own: Ctrl-C reaches only this command.

    ``variables`` are the environment with `.env`; default: the process's own.
    """
    console = console_path(request)
    given = os.environ if variables is None else variables
    check_addresses(given)
    console.parent.mkdir(parents=True, exist_ok=True)
    # Somebody who ends the command ends an ephemeral supervisor too: its stdin comes to an end.
    stdin = subprocess.PIPE if request.ephemeral else subprocess.DEVNULL
    with console.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tidegate_cli.supervisor", *request.arguments()],
            stdin=stdin,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**given, "TIDEGATE_HOME": str(request.home)},
        )


def check_addresses(variables: Mapping[str, str]) -> None:
    """Refuse an address of a server that no service could read, before anything is started.

    An address may hold a password, so only how it begins is told.
    """
    for name, schemes in _SCHEMES.items():
        address = variables.get(name, "")
        scheme, colon, _ = address.partition("://")
        if address and (not colon or scheme not in schemes):
            raise Misused(
                "ADDRESS",
                f"{name} is no address of such a server",
                expected=" or ".join(f"{each}://..." for each in schemes),
                found=f"{scheme}://..." if colon else "text without ://",
                hint="correct it, or unset it to have a server started",
            )


def wait_until_ready(
    request: Request, process: subprocess.Popen[bytes], output: Output
) -> InstanceRecord:
    """Return the instance's record once everything is ready; a failed start is an error."""
    path = record_path(request.home, request.instance)
    deadline_s = time.monotonic() + READY_PATIENCE_S
    said = ""
    while time.monotonic() < deadline_s:
        record = InstanceRecord.read(path)
        if record is not None and record.supervisor_pid == process.pid:
            if record.stage != said and record.state == "starting":
                output.progress(f"{record.stage} ...")
                said = record.stage
            if record.state == "ready":
                return record
            if record.state == "failed":
                raise failure(record)
        if process.poll() is not None:
            raise _died(request, process)
        time.sleep(_POLL_S)
    hint = f"read {console_path(request)}"
    raise Failed("NOT_READY", f"not ready after {READY_PATIENCE_S:g} s: {said}", hint=hint)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a supervisor that this command started, and wait until everything is gone."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(END_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()


def failure(record: InstanceRecord) -> CommandError:
    """Return the error of an instance that could not start."""
    kind = _KINDS.get(record.exit_code, Failed)
    return kind("START_FAILED", record.stage, hint=record.hint or f"read {record.folder}/logs")


def _died(request: Request, process: subprocess.Popen[bytes]) -> CommandError:
    console = console_path(request)
    message = f"the supervisor ended with code {process.returncode}: {tail(console, 3)}"
    return Failed("START_FAILED", message, hint=f"read {console}")
