"""One process of an instance: started again when it dies, asked to end when told."""

from __future__ import annotations

import asyncio
import signal
from asyncio.subprocess import STDOUT, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from tidegate_chassis.embedded.ports import free_port, require_free
from tidegate_chassis.embedded.processes import dying_with_parent
from tidegate_cli.instances import ProcessRecord
from tidegate_cli.supervisor.backoff import Backoff
from tidegate_cli.supervisor.rotation import ConsoleFile

LOG = structlog.get_logger("supervisor")
DRAIN_PATIENCE_S = 20.0
STARTS_BEFORE_READY_MAX = 5
CONSOLE_LOOK_S = 5.0


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """What a process is started with; ``service`` is its name, with its number if it has one."""

    service: str
    command: tuple[str, ...]
    folder: Path
    console: Path
    variables: Mapping[str, str]
    # Variables of the first start only: a named crash point must not be hit for ever.
    first_variables: Mapping[str, str]
    http_host: str
    http_port: int | None


class Child:
    """A service's process over all its starts."""

    def __init__(self, plan: ChildPlan, changed: Callable[[], None]) -> None:
        self.plan = plan
        self.starts = 0
        self.ready_once = False
        self.gave_up = False
        self.port = plan.http_port or free_port()
        self._changed = changed
        self._process: Process | None = None
        self._stopping = False
        self._console = ConsoleFile(plan.console)

    @property
    def service(self) -> str:
        """The name of the process: its service's, of a further replica with its number."""
        return self.plan.service

    @property
    def url(self) -> str:
        """Where its HTTP is."""
        return f"http://{self.plan.http_host}:{self.port}"

    async def require_listening(self) -> None:
        """Raise an `OSError` unless something listens at its address."""
        _, writer = await asyncio.open_connection(self.plan.http_host, self.port)
        writer.close()

    def record(self) -> ProcessRecord:
        """Return what is written down about it; without a process while it is dead."""
        process = self._process
        pid = process.pid if process is not None and process.returncode is None else None
        return ProcessRecord(pid=pid, port=self.port, restarts=max(0, self.starts - 1))

    async def run(self) -> None:
        """Keep the process running until `stop`, or until it is given up."""
        try:
            await self._keep_running()
        finally:
            self._console.close()

    async def _keep_running(self) -> None:
        backoff = Backoff()
        while not self._stopping:
            await self._start()
            code = await self._wait()
            if self._was_told():
                return
            LOG.warning("service died", service=self.service, exit_code=code, starts=self.starts)
            self.gave_up = not self.ready_once and self.starts >= STARTS_BEFORE_READY_MAX
            self._changed()
            if self.gave_up:
                return
            await asyncio.sleep(backoff.next_s())

    def _was_told(self) -> bool:
        return self._stopping

    async def stop(self) -> None:
        """Ask the process to drain; end it if it does not."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        _send(process, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), DRAIN_PATIENCE_S)
        except TimeoutError:
            LOG.warning("service did not drain", service=self.service)
            _send(process, signal.SIGKILL)
            await process.wait()

    async def _start(self) -> None:
        if self.plan.http_port is None and not self.ready_once and self.starts > 0:
            self.port = free_port()  # somebody may have taken the first one before it was bound
        if self.plan.http_port is not None and self.starts == 0:
            require_free(self.plan.http_port, self.service)
        first = self.plan.first_variables if self.starts == 0 else {}
        self.starts += 1
        self._process = await asyncio.create_subprocess_exec(
            *self.plan.command,
            cwd=self.plan.folder,
            env={**self.plan.variables, **first, "TIDEGATE_HTTP_PORT": str(self.port)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self._console.fileno(),
            stderr=STDOUT,
            preexec_fn=dying_with_parent(signal.SIGTERM),
        )
        self._changed()

    async def _wait(self) -> int:
        assert self._process is not None
        while True:
            with suppress(TimeoutError):
                return await asyncio.wait_for(self._process.wait(), CONSOLE_LOOK_S)
            self._console.bound()


def _send(process: Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except ProcessLookupError:
        LOG.info("process was gone already", pid=process.pid)
