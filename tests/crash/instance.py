"""One instance of Tidegate under test: started as the demo starts it, and hurt on purpose."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

import asyncpg
import httpx

from tidegate_chassis.configuration import Configuration, Layout, dump
from tidegate_chassis.database.names import database_name
from tidegate_chassis.embedded.postgres import ADMINISTRATOR
from tidegate_cli import launching
from tidegate_cli.client import Services
from tidegate_cli.instances import InstanceRecord, record_path
from tidegate_cli.output import Output
from tidegate_cli.supervisor.credentials import credentials_file
from tidegate_cli.supervisor.deployment import DEPLOY, read_credentials
from tidegate_cli.supervisor.plan import Request

SERVERS = {"nats-server": "nats-server", "postgres": "postgres", "valkey": "valkey-server"}
"""The servers of an instance, and the programs that they run as."""

POLL_S = 0.02
_OTHERS_SERVERS = ("NATS_URL", "DATABASE_URL", "REDIS_URL", "TIDEGATE_TOKEN", "TIDEGATE_CONFIG")
Document = dict[str, Any]


class Instance:
    """A supervisor with its servers and services, in a folder of its own."""

    def __init__(self, folder: Path, configuration: Configuration) -> None:
        """Write the configuration; nothing is started."""
        self.folder = folder
        self.configuration = configuration
        self.configuration_path = folder / "tidegate.yaml"
        folder.mkdir(parents=True, exist_ok=True)
        self.configure(configuration)
        self.request = Request(
            instance=f"crash-{secrets.token_hex(4)}",
            home=folder / "home",
            folder=folder / "instance",
            configuration_path=self.configuration_path,
            ephemeral=True,
            keep=True,
        )
        Layout(self.request.home).make()
        self._supervisor: subprocess.Popen[bytes] | None = None

    def configure(self, configuration: Configuration) -> None:
        """Write the configuration that services read when they start."""
        self.configuration_path.write_text(dump(configuration), encoding="utf-8")

    # --- life ---------------------------------------------------------------------------------

    def start(self, crash_at: Mapping[str, str] | None = None, *, wait: bool = True) -> Self:
        """Start the instance; ``crash_at`` tells services the point that ends their first start."""
        assert self._supervisor is None, "started once at a time"
        variables = {
            f"TIDEGATE_{service.upper().replace('-', '_')}_CRASH_AT": point
            for service, point in (crash_at or {}).items()
        }
        kept = {name: v for name, v in os.environ.items() if name not in _OTHERS_SERVERS}
        with patch.dict(os.environ, {**kept, **variables}, clear=True):
            self._supervisor = launching.start(self.request)
        wait_until(self._written_down, 60.0, "the supervisor to write down its instance")
        if wait:
            output = Output(json=True)
            try:
                launching.wait_until_ready(self.request, self._supervisor, output)
            except BaseException:
                self.stop()
                raise
        return self

    def _written_down(self) -> bool:
        record = InstanceRecord.read(record_path(self.request.home, self.request.instance))
        assert self._supervisor is not None
        ended = self._supervisor.poll()
        assert ended is None, f"the supervisor ended with code {ended}: {self.said()[-3:]}"
        return record is not None and record.supervisor_pid == self._supervisor.pid

    def stop(self) -> None:
        """Drain and end everything."""
        if self._supervisor is not None:
            launching.end(self._supervisor)
            if self._supervisor.stdin is not None:
                self._supervisor.stdin.close()
            self._supervisor = None

    @property
    def record(self) -> InstanceRecord:
        """What the supervisor has written down."""
        record = InstanceRecord.read(record_path(self.request.home, self.request.instance))
        assert record is not None, f"the supervisor ended: {self.said()[-3:]}"
        return record

    def services(self) -> Services:
        """Return the services as the command line reaches them."""
        return Services(self.record)

    # --- hurting ------------------------------------------------------------------------------

    def kill(self, name: str) -> int:
        """Kill a service or a server with SIGKILL; return the process id that died."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self._pid_or_none(name) != pid, 30.0, f"{name} to be noticed as dead")
        return pid

    def pid(self, name: str) -> int:
        """Return the process id of a service or server that runs; it may be just restarting."""
        wait_until(lambda: self._pid_or_none(name) is not None, 60.0, f"{name} to run")
        pid = self._pid_or_none(name)
        assert pid is not None
        return pid

    def _pid_or_none(self, name: str) -> int | None:
        wanted = SERVERS.get(name)
        module = f"tidegate_{name.replace('-', '_')}"
        assert self._supervisor is not None
        for pid in _children(self._supervisor.pid):
            if wanted is not None and _program(pid) == wanted:
                return pid
            if wanted is None and _command(pid)[-1:] == [module]:
                return pid
        return None

    # --- reading ------------------------------------------------------------------------------

    def shards(self) -> dict[str, Document]:
        """Return what every reachable service says of its shards, by name."""
        found: dict[str, Document] = {}
        for url in self.record.http.values():
            try:
                answer = httpx.get(f"{url}/v1/shards", timeout=5.0, trust_env=False)
            except httpx.HTTPError:
                continue
            if answer.is_success:
                found |= {shard["shard"]: shard for shard in answer.json()["shards"]}
        return found

    def ready(self, service: str) -> tuple[int, str]:
        """Return the status and the text of a service's /readyz; 0 when nothing answers."""
        url = self.record.http.get(service)
        if url is None:
            return 0, ""
        try:
            answer = httpx.get(f"{url}/readyz", timeout=5.0, trust_env=False)
        except httpx.HTTPError as error:
            return 0, type(error).__name__
        return answer.status_code, answer.text

    def said(self) -> list[Document]:
        """Return the supervisor's own log."""
        lines = launching.console_path(self.request).read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def deaths(self) -> dict[str, list[int | None]]:
        """Return the exit codes of every death that the supervisor has seen; servers have none."""
        found: dict[str, list[int | None]] = {}
        for line in self.said():
            if line.get("event") in {"service died", "server died"}:
                name = line.get("service") or line["server"]
                found.setdefault(name, []).append(line.get("exit_code"))
        return found

    async def database(self, service: str) -> asyncpg.Connection[asyncpg.Record]:
        """Connect to a service's database as the administrator."""
        password = (self.request.folder / "secrets" / "postgres.password").read_text().strip()
        return await asyncpg.connect(
            host="127.0.0.1",
            port=self.record.processes["postgres"].port,
            user=ADMINISTRATOR,
            password=password,
            database=database_name(service),
        )

    def deploy_credentials(self) -> tuple[str, str]:
        """Return the NATS user that may read every stream, and its password."""
        return read_credentials(credentials_file(self.request.folder / "secrets", DEPLOY))


@contextmanager
def running(
    folder: Path, configuration: Configuration, crash_at: Mapping[str, str] | None = None
) -> Iterator[Instance]:
    """Give a started instance and end it afterwards."""
    instance = Instance(folder, configuration).start(crash_at)
    try:
        yield instance
    finally:
        instance.stop()


def wait_until(condition: Callable[[], bool], patience_s: float, what: str) -> None:
    """Ask a condition until it holds; an error says what was waited for."""
    deadline_s = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline_s:
            message = f"expected {what} within {patience_s:g} s"
            raise TimeoutError(message)
        time.sleep(POLL_S)


def _children(parent: int) -> list[int]:
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
