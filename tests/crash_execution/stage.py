"""One instance with two sessions at the test venue, and whoever is execution there.

Its supervisor starts everything, and is stopped before it could start execution again: from then on
the campaign starts, kills and freezes execution itself.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx
import msgspec
from tests.instances import Instance, eventually
from tests.venues.environment import variables_of
from tests.venues.server import TestVenue

from tidegate_chassis.configuration import SERVICE_NAMES
from tidegate_chassis.embedded.ports import free_port
from tidegate_chassis.embedded.processes import is_alive
from tidegate_cli.instances import MAIN, InstanceRecord, record_path

from .places import PLACES, Place, configuration
from .waves import Waves

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Document = dict[str, Any]
POLL_S = 0.01
LOOK_S = 0.2
START_S = 120.0
READY_S = 400.0
SHOWN = ("/readyz", "/v1/gate")
OTHERS = tuple(name for name in SERVICE_NAMES if name != "execution")


class Nursery:
    """Forks processes of the execution service."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.crash_execution.nursery"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        """Give it; it imports meanwhile."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it and its children."""
        self._process.kill()
        self._process.wait()

    def until_ready(self) -> None:
        """Wait until everything is imported."""
        assert self._answer() == "ready", "the nursery ended"

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def start(self, environment: Mapping[str, str]) -> int:
        """Return the id of a new process."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(dict(environment)).decode() + "\n")
        self._process.stdin.flush()
        return int(self._answer())


@dataclass
class Leader:
    """One process of the execution service."""

    pid: int
    port: int
    client: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=5))

    @property
    def alive(self) -> bool:
        """Whether it has not died yet."""
        return is_alive(self.pid)

    @property
    def asleep(self) -> bool:
        """Whether it was stopped."""
        try:
            status = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8")
        except OSError:
            return False
        return status.rpartition(")")[2].split()[0] == "T"

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it is still there."""
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return

    def kill(self) -> None:
        """End it with SIGKILL, and wait until it is gone."""
        self.send(signal.SIGKILL)
        eventually(lambda: not self.alive, "a killed process to be gone", poll_s=POLL_S)
        self.client.close()

    def ready(self, session: str) -> bool:
        """Whether it leads a session and has compared its account."""
        try:
            answer = self.client.get(f"http://127.0.0.1:{self.port}/readyz").json()
        except httpx.HTTPError:
            return False
        return not any(f"execution/{session}" in reason for reason in answer["reasons"])

    def settled(self, session: str) -> bool:
        """Whether it is ready for a session, or has died."""
        return not self.alive or self.ready(session)

    def leads(self, session: str) -> bool:
        """Whether it leads a session's orders."""
        try:
            shards = self.get("/v1/shards")["shards"]
        except httpx.HTTPError:
            return False
        states = {each["shard"]: each["state"] for each in shards}
        return states.get(f"execution/{session}") == "running"

    def standing(self) -> str:
        """Return what it says of itself, for people."""
        try:
            answers = [
                self.client.get(f"http://127.0.0.1:{self.port}{each}").text for each in SHOWN
            ]
        except httpx.HTTPError as error:
            return repr(error)
        return " ".join(answers)

    def get(self, path: str, **parameters: str | int) -> Document:
        """Ask it something."""
        answer = self.client.get(f"http://127.0.0.1:{self.port}{path}", params=parameters)
        answer.raise_for_status()
        found: Document = answer.json()
        return found


class Stage:
    """The instance, its venue, and where its execution comes from."""

    def __init__(self, instance: Instance, venue: TestVenue, nursery: Nursery) -> None:
        self.instance, self.venue, self._nursery = instance, venue, nursery
        self.waves = Waves(venue)
        self._environment = _take_over(instance)
        nursery.until_ready()
        for service in OTHERS:
            eventually(partial(instance.is_ready, service), service, READY_S, LOOK_S)

    def start(self, **more: str) -> Leader:
        """Start execution at a port of its own, with further environment variables."""
        port = free_port()
        console = str(self.instance.folder / "logs" / "execution.console.log")
        changed = {"TIDEGATE_HTTP_PORT": str(port), "CONSOLE": console, **more}
        return Leader(self._nursery.start({**self._environment, **changed}), port)

    def until_ready(self, leader: Leader, *places: Place) -> bool:
        """Wait until the sessions may trade, or the process has died; tell which."""
        for place in places:
            what = f"execution to be ready for {place.name}"
            try:
                eventually(partial(leader.settled, place.name), what, START_S, POLL_S)
            except AssertionError as late:
                raise AssertionError(f"{late}: {leader.standing()}") from late
        return leader.alive


def _take_over(instance: Instance) -> dict[str, str]:
    """End the supervisor's own execution, keep it from another, and return its environment."""

    def all_run() -> bool:
        found = InstanceRecord.read(record_path(instance.folder, MAIN))
        processes = {} if found is None else found.processes
        return all(name in processes and processes[name].pid for name in SERVICE_NAMES)

    eventually(all_run, "every service to run", READY_S)
    pid = instance.pid("execution")
    environment = eventually(lambda: _environment_of(pid), "execution to be itself")
    instance.freeze_supervisor()
    os.kill(pid, signal.SIGKILL)
    return environment


def _environment_of(pid: int) -> dict[str, str] | None:
    """Return a process's environment; that of its parent, before it is itself, is none."""
    pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    found = dict(each.split("=", 1) for each in pairs if each)
    return found if found.get("TIDEGATE_SERVICE") == "execution" else None


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Give an instance whose two sessions trade at a test venue."""
    with TestVenue() as venue, Nursery() as nursery:
        for place in PLACES:
            place.open(venue)
        instance = Instance(folder, configuration())
        try:
            instance.start(variables_of(venue), wait=False)
            yield Stage(instance, venue, nursery)
        finally:
            instance.stop()


def dies_within(leader: Leader, seconds: float) -> bool:
    """Wait for as long, or until the process has died; tell whether it has."""
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        if not leader.alive:
            return True
        time.sleep(POLL_S)
    return not leader.alive
