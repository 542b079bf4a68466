"""One instance for a test: started by the supervisor as `tidegate up` does, gone with the test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

import httpx
from tests.instances.waiting import PATIENCE_S, eventually

from tidegate_chassis.configuration import Configuration, Layout, load_configuration
from tidegate_chassis.database.names import database_name
from tidegate_cli import launching
from tidegate_cli.client import RUNNING, TRUSTING_NOBODY, Services
from tidegate_cli.deployment.keys import credentials_file, read_credentials
from tidegate_cli.instances import MAIN, InstanceRecord, record_path
from tidegate_cli.output import Output
from tidegate_cli.supervisor.plan import Request

Document = dict[str, Any]
OF_OTHERS = ("NATS_URL", "DATABASE_URL", "REDIS_URL", "TIDEGATE_TOKEN", "TIDEGATE_CONFIG")
"""Variables of whoever runs the tests, which would lead an instance to servers of theirs."""


class Instance:
    """A supervisor with its servers and services; it may be stopped and started again."""

    def __init__(self, folder: Path, configuration: str) -> None:
        """Write the configuration into the folder, which is the home too; nothing is started."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        Layout(folder).make()
        self._path = folder / "tidegate.yaml"
        self.configure(configuration)
        self._request = Request(
            instance=MAIN,
            home=folder,
            folder=folder,
            configuration_path=self._path,
            ephemeral=True,
            keep=True,
        )
        self._supervisor: subprocess.Popen[bytes] | None = None

    def configure(self, configuration: str) -> None:
        """Write the configuration that services read when they start."""
        self._path.write_text(configuration, encoding="utf-8")

    @property
    def configuration(self) -> Configuration:
        """The configuration as services read it."""
        return load_configuration(self._path)

    # --- life ---------------------------------------------------------------------------------

    def start(self, variables: Mapping[str, str] | None = None, *, wait: bool = True) -> Self:
        """Start everything, with further environment variables; wait until all is ready."""
        assert self._supervisor is None, "started once at a time"
        kept = {name: v for name, v in os.environ.items() if name not in OF_OTHERS}
        with patch.dict(os.environ, {**kept, **(variables or {})}, clear=True):
            self._supervisor = launching.start(self._request)
        eventually(self._written_down, "the supervisor to write down its instance")
        if wait:
            try:
                launching.wait_until_ready(self._request, self._supervisor, Output(json=True))
            except BaseException:
                self.stop()
                raise
        return self

    def stop(self) -> None:
        """End everything as `tidegate down` does; the folder stays."""
        if self._supervisor is not None:
            self.resume_all()
            launching.end(self._supervisor)
            self._supervisor = None

    def _written_down(self) -> bool:
        assert self._supervisor is not None
        ended = self._supervisor.poll()
        assert ended is None, f"the supervisor ended with code {ended}: {self.said()[-3:]}"
        record = self._record_or_none()
        return record is not None and record.supervisor_pid == self._supervisor.pid

    @property
    def record(self) -> InstanceRecord:
        """What the supervisor has written down by now."""
        record = self._record_or_none()
        assert record is not None, f"the supervisor ended: {self.said()[-3:]}"
        return record

    def _record_or_none(self) -> InstanceRecord | None:
        return InstanceRecord.read(record_path(self.folder, MAIN))

    # --- asking and telling -------------------------------------------------------------------

    def services(self, principal: str | None = None) -> Services:
        """Return the services as the command line reaches them, to be used with ``with``."""
        return Services(self.record, principal)

    def get(self, service: str, path: str, **parameters: object) -> Document:
        """Ask a service."""
        with self.services() as services:
            return services.get(service, path, **parameters)

    def post(
        self, service: str, path: str, body: Mapping[str, object], principal: str = "operator"
    ) -> Document:
        """Give a command; a refusal is a `tidegate_cli.errors.Refused`."""
        with self.services(principal) as services:
            return services.post(service, path, body)

    def metrics(self, service: str) -> str:
        """Return a service's metrics as Prometheus reads them."""
        url = f"{self.record.http[service]}/metrics"
        return _asked(url, PATIENCE_S).text

    def ready(self, service: str) -> tuple[int, str]:
        """Return the status and the text of a service's /readyz; 0 when nothing answers."""
        url = self.record.http.get(service)
        if url is None:
            return 0, ""
        try:
            answer = _asked(f"{url}/readyz")
        except httpx.HTTPError as error:
            return 0, type(error).__name__
        return answer.status_code, answer.text

    def is_ready(self, service: str) -> bool:
        """Tell whether a service says that it is ready."""
        return self.ready(service)[0] == httpx.codes.OK

    def shards(self) -> dict[str, Document]:
        """Return what every service that answers says of its shards, by name."""
        found: dict[str, Document] = {}
        for url in self.record.http.values():
            try:
                answer = _asked(f"{url}/v1/shards")
            except httpx.HTTPError:
                continue
            if answer.is_success:
                for shard in answer.json()["shards"]:
                    if found.get(shard["shard"], {}).get("state") != RUNNING:
                        found[shard["shard"]] = shard
        return found

    def shard(self, name: str) -> Document:
        """Return what a service says about one of its shards."""
        service = {"venue": "execution"}.get(name.partition("/")[0], name.partition("/")[0])
        with self.services() as services:
            shards = services.shards(service)
        return next(shard for shard in shards if shard["shard"] == name)

    def published(self, shard: str, message: str) -> int:
        """Return how many messages of a kind a shard has published."""
        counters: dict[str, int] = self.shard(shard).get("counters", {})
        return counters.get(message, 0)

    # --- reading what it wrote ----------------------------------------------------------------

    def credentials(self, user: str) -> tuple[str, str]:
        """Return the name and the password of one of its NATS users."""
        return read_credentials(credentials_file(self.record.secrets, user))

    def database_url(self, service: str) -> str:
        """Return the address of a service's own database."""
        password = (self.record.secrets / f"database-{service}.password").read_text().strip()
        name, port = database_name(service), self.record.processes["postgres"].port
        return f"postgresql://{name}:{password}@127.0.0.1:{port}/{name}"

    def log_lines(self, service: str) -> list[str]:
        """Return everything that a service has logged."""
        files = sorted((self.folder / "logs").glob(f"{service}.*"))
        return [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]

    def said(self) -> list[Document]:
        """Return the supervisor's own log."""
        lines = launching.console_path(self._request).read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def deaths(self) -> dict[str, list[int | None]]:
        """Return the exit codes of every death that the supervisor has seen; servers have none."""
        found: dict[str, list[int | None]] = {}
        for line in self.said():
            if line.get("event") in {"service died", "server died"}:
                name = line.get("service") or line["server"]
                found.setdefault(name, []).append(line.get("exit_code"))
        return found

    # --- faults -------------------------------------------------------------------------------

    def pid(self, name: str) -> int:
        """Return the process of a service or server; one that is just restarting is waited for."""
        return eventually(lambda: self._pid_or_none(name), f"{name} to run")

    def _pid_or_none(self, name: str) -> int | None:
        return self.record.processes[name].pid

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a service or server."""
        os.kill(self.pid(name), number)

    def kill(self, name: str) -> None:
        """Kill a service or a server with SIGKILL, and wait until it is dead."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: self._pid_or_none(name) != pid, f"{name} to be dead")

    def kill_and_wait(self, service: str) -> None:
        """Kill a service and wait until the supervisor has it running again."""
        self.kill(service)
        self.pid(service)
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
        record = self._record_or_none()
        for each in record.processes.values() if record is not None else ():
            if each.pid is not None and _is_stopped(each.pid):
                os.kill(each.pid, signal.SIGCONT)


def _asked(url: str, patience_s: float = 5.0) -> httpx.Response:
    return httpx.get(url, timeout=patience_s, trust_env=False, verify=TRUSTING_NOBODY)


def _is_stopped(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] == "T"


@contextmanager
def running(
    folder: Path, configuration: str, variables: Mapping[str, str] | None = None
) -> Iterator[Instance]:
    """Give a running instance; nothing of it but its folder is left afterwards."""
    instance = Instance(folder, configuration)
    try:
        yield instance.start(variables)
    finally:
        instance.stop()
