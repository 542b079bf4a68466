"""Six executing processes, and what they report."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

COUNT = 6
PATIENCE_S = 180.0
Event = dict[str, Any]


class Processes:
    """Started together, ended together."""

    def __init__(self, url: str, secrets: Path) -> None:
        """Start them."""
        command = [sys.executable, "-m", "tests.benchmarks.kill.executing", url, str(secrets)]
        self._events: Queue[Event] = Queue()
        self._processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(COUNT)
        ]
        self._threads = [
            threading.Thread(target=self._read, args=(place, process), daemon=True)
            for place, process in enumerate(self._processes)
        ]

    def __enter__(self) -> Self:
        """Wait until all of them are ready."""
        for thread in self._threads:
            thread.start()
        self.all("ready")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End them."""
        for process in self._processes:
            process.kill()
            process.wait()
        for thread in self._threads:
            thread.join()
        for process in self._processes:
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                pipe.close()

    def _read(self, place: int, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("{"):
                self._events.put({"process": place, **json.loads(line)})

    def all(self, event: str, **fields: object) -> list[Event]:
        """Wait until every process has reported an event with these fields; the others are lost."""
        found: dict[int, Event] = {}
        deadline_s = time.monotonic() + PATIENCE_S
        wanted = {"event": event, **fields}
        while len(found) < COUNT:
            try:
                said = self._events.get(timeout=max(0.0, deadline_s - time.monotonic()))
            except Empty:
                message = f"expected {wanted} of {COUNT} processes, found {sorted(found)}"
                raise TimeoutError(message) from None
            if all(said.get(name) == value for name, value in wanted.items()):
                found.setdefault(said["process"], said)
        return list(found.values())
