"""`tidegate doctor`: what is missing or wrong, and what to do about each."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import typer

from tidegate_chassis.configuration import ConfigurationError, Layout, masked
from tidegate_chassis.embedded import EmbeddedError, binaries
from tidegate_cli.configured import load_judged
from tidegate_cli.errors import CommandError
from tidegate_cli.instances import home, running
from tidegate_cli.output import Output

_DISK_FREE_MIN_GB = 1.0
_PROBE_PATIENCE_S = 2.0
_PYTHON = (3, 11)
_DEFAULT_PORTS = {"nats": 4222, "tls": 4222, "postgres": 5432, "postgresql": 5432, "redis": 6379}


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    name: str
    ok: bool
    found: str
    hint: str = ""


def run(output: Output, file: Path | None) -> None:
    """Check everything; exit 1 when something is wrong."""
    findings = [
        _python(),
        *(_binary(name, find) for name, find in _binaries().items()),
        _home(),
        _disk(),
        _configuration(file),
        *(_server(name) for name in ("NATS_URL", "DATABASE_URL", "REDIS_URL")),
        _instances(),
    ]
    rows = [("ok" if f.ok else "WRONG", f.name, f.found, "" if f.ok else f.hint) for f in findings]
    output.table(("", "what", "found", "what to do"), rows)
    ok = all(finding.ok for finding in findings)
    output.result(
        {
            "ok": ok,
            "checks": [
                {"name": f.name, "ok": f.ok, "found": f.found, "hint": f.hint} for f in findings
            ],
        }
    )
    if not ok:
        raise typer.Exit(1)


def _python() -> Finding:
    found = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("Python 3.11", sys.version_info[:2] == _PYTHON, found, "run `make setup`")


def _binaries() -> dict[str, Callable[[], Path]]:
    return {
        "nats-server": binaries.nats_server,
        "PostgreSQL": lambda: binaries.postgres_install() / "bin" / "postgres",
        "Valkey": binaries.valkey_server,
        "dbmate": binaries.dbmate,
    }


def _binary(name: str, find: Callable[[], Path]) -> Finding:
    try:
        path = find()
    except EmbeddedError as error:
        return Finding(name, ok=False, found=error.found, hint=error.hint)
    return Finding(name, path.exists(), str(path), "run `make setup`")


def _home() -> Finding:
    folder = home()
    try:
        Layout(folder).make()
    except ConfigurationError as error:
        problem = error.problems[0]
        return Finding("TIDEGATE_HOME", ok=False, found=problem.found, hint=problem.hint)
    writable = os.access(folder, os.W_OK | os.X_OK)
    return Finding("TIDEGATE_HOME", writable, str(folder), "set it to a folder that you may write")


def _disk() -> Finding:
    free_gb = shutil.disk_usage(home()).free / 1e9
    return Finding("free disk", free_gb >= _DISK_FREE_MIN_GB, f"{free_gb:.1f} GB", "free some")


def _configuration(file: Path | None) -> Finding:
    try:
        loaded = load_judged(file)
    except CommandError as error:
        missing = error.code == "NO_CONFIGURATION"  # a demo needs none
        return Finding("configuration", missing, error.message.splitlines()[0], error.hint)
    return Finding("configuration", ok=True, found=str(loaded.path))


def _server(name: str) -> Finding:
    url = os.environ.get(name)
    if not url:
        return Finding(name, ok=True, found="not set: started from a wheel")
    parts = urlsplit(url)
    address = (parts.hostname or "127.0.0.1", parts.port or _DEFAULT_PORTS.get(parts.scheme, 0))
    try:
        socket.create_connection(address, _PROBE_PATIENCE_S).close()
    except OSError as error:
        found = f"{masked(name, url)}: {error.strerror or error}"
        return Finding(name, ok=False, found=found, hint=f"start that server, or unset {name}")
    return Finding(name, ok=True, found=masked(name, url))


def _instances() -> Finding:
    found = ", ".join(f"{each.instance} ({each.state})" for each in running(home()))
    return Finding("instances", ok=True, found=found or "none runs")
