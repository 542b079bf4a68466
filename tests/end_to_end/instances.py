"""One instance for a test: started by the supervisor as `tidegate up` does, gone with the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tidegate_chassis.database.names import database_name
from tidegate_chassis.testing import server_folder
from tidegate_chassis.testing.collector import SpanCollector
from tidegate_cli import launching
from tidegate_cli.client import Services
from tidegate_cli.errors import CommandError
from tidegate_cli.instances import InstanceRecord
from tidegate_cli.output import Output
from tidegate_cli.supervisor.plan import Request

Document = dict[str, Any]
Found = TypeVar("Found")
PATIENCE_S = 60.0
POLL_S = 0.02


def eventually(
    look: Callable[[], Found | None],
    what: str,
    patience_s: float = PATIENCE_S,
    poll_s: float = POLL_S,
) -> Found:
    """Return the first truthy thing that ``look`` finds; fail with the last one otherwise."""
    deadline_s = time.monotonic() + patience_s
    while not (found := look()):
        assert time.monotonic() < deadline_s, f"expected {what} within {patience_s} s, got {found}"
        time.sleep(poll_s)
    return found


def tell(sentence: str) -> None:
    """Print what was measured; pytest shows it with -s, and whenever a test fails."""
    sys.stdout.write(f"{sentence}\n")


class Instance:
    """An instance in a folder of its own; it may be stopped and started again."""

    def __init__(self, folder: Path, configuration: str) -> None:
        self.folder = folder
        path = folder / "tidegate.yaml"
        path.write_text(configuration, encoding="utf-8")
        self._request = Request(
            instance="main",
            home=folder,
            folder=folder,
            configuration_path=path,
            ephemeral=True,
            keep=True,
        )
        self._supervisor: subprocess.Popen[bytes] | None = None
        self.record: InstanceRecord

    def start(self) -> None:
        """Start everything and wait until it is ready."""
        (self.folder / "run").mkdir(exist_ok=True)
        self._supervisor = launching.start(self._request)
        self.record = launching.wait_until_ready(self._request, self._supervisor, Output())

    def stop(self) -> None:
        """End everything as `tidegate down` does; the folder stays."""
        if self._supervisor is not None:
            self.resume_all()
            launching.end(self._supervisor)
            assert self._supervisor.stdin is not None
            self._supervisor.stdin.close()
            self._supervisor = None

    # --- asking and telling -------------------------------------------------------------------

    def get(self, service: str, path: str, **parameters: object) -> Document:
        """Ask a service."""
        with Services(self.record) as services:
            return services.get(service, path, **parameters)

    def post(
        self, service: str, path: str, body: Mapping[str, object], principal: str = "operator"
    ) -> Document:
        """Give a command; a refusal is a `tidegate_cli.errors.Refused`."""
        with Services(self.record, principal) as services:
            return services.post(service, path, body)

    def metrics(self, service: str) -> str:
        """Return a service's metrics as Prometheus reads them."""
        with Services(self.record) as services:
            return httpx.get(f"{services.url(service)}/metrics", trust_env=False).text

    def shard(self, name: str) -> Document:
        """Return what a service says about one of its shards."""
        service = {"venue": "execution"}.get(name.partition("/")[0], name.partition("/")[0])
        shards = self.get(service, "/v1/shards")["shards"]
        return next(shard for shard in shards if shard["shard"] == name)

    def published(self, shard: str, message: str) -> int:
        """Return how many messages of a kind a shard has published."""
        counters: dict[str, int] = self.shard(shard).get("counters", {})
        return counters.get(message, 0)

    def is_ready(self, service: str) -> bool:
        """Tell whether a service says that it is ready."""
        try:
            self.get(service, "/readyz")
        except CommandError:
            return False
        return True

    def database_url(self, service: str) -> str:
        """Return the address of a service's own database."""
        password = (self.record.secrets / f"database-{service}.password").read_text().strip()
        name, port = database_name(service), self.record.processes["postgres"].port
        return f"postgresql://{name}:{password}@127.0.0.1:{port}/{name}"

    def log_lines(self, service: str) -> list[str]:
        """Return everything that a service has logged."""
        files = sorted((self.folder / "logs").glob(f"{service}.*"))
        return [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]

    # --- faults -------------------------------------------------------------------------------

    def pids(self) -> dict[str, int]:
        """Return the processes that there are now, as the supervisor has written them down."""
        record = InstanceRecord.read(self.folder / "run" / "main.json")
        if record is None:
            return {}
        return {name: each.pid for name, each in record.processes.items() if each.pid is not None}

    def send(self, service: str, number: signal.Signals) -> None:
        """Send a signal to a service."""
        os.kill(self.pids()[service], number)

    def kill_and_wait(self, service: str) -> None:
        """Kill a service and wait until the supervisor has it running again."""
        before = self.pids()[service]
        self.send(service, signal.SIGKILL)
        eventually(lambda: self.pids().get(service) not in {None, before}, f"a new {service}")
        eventually(lambda: self.is_ready(service), f"{service} to be ready again")

    def freeze_supervisor(self) -> None:
        """Keep the supervisor from starting anything again, until `resume_all`."""
        assert self._supervisor is not None
        self._supervisor.send_signal(signal.SIGSTOP)

    def resume_all(self) -> None:
        """Let whoever was stopped go on."""
        assert self._supervisor is not None
        if self._supervisor.poll() is None:
            self._supervisor.send_signal(signal.SIGCONT)
        for pid in self.pids().values():
            if _is_stopped(pid):
                os.kill(pid, signal.SIGCONT)


def _is_stopped(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] == "T"


@dataclass(frozen=True)
class Watched:
    """An instance and the collector that its spans go to."""

    instance: Instance
    collector: SpanCollector


@contextmanager
def instance_folder() -> Iterator[Path]:
    """Give the folder of an instance, which PostgreSQL's user may enter, as its home."""
    with server_folder() as folder:
        yield folder


@contextmanager
def running(folder: Path, configuration: str) -> Iterator[Instance]:
    """Give a running instance; nothing of it is left afterwards."""
    instance = Instance(folder, configuration)
    try:
        instance.start()
        yield instance
    finally:
        instance.stop()
