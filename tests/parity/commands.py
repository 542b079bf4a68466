"""Commands that run beside each other, and end with whoever started them.

A demo has servers of its own: ended with SIGTERM it ends them, killed it may not. So whoever is
ended passes it on, and waits until everything is gone.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

END_PATIENCE_S = 90.0


class Ended(Exception):
    """No command is started any more."""


class Commands:
    """The commands that run now."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._ending = False
        self._lock = threading.Lock()

    def run(
        self, arguments: Sequence[str], variables: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run Python with arguments to its end; `Ended` if `end` came before or meanwhile."""
        with self._lock:
            if self._ending:
                raise Ended
            process = subprocess.Popen(
                [sys.executable, *arguments],
                env=variables,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            self._running.add(process)
        said, errors = process.communicate()
        with self._lock:
            self._running.discard(process)
            if self._ending:
                raise Ended
        return subprocess.CompletedProcess(process.args, process.returncode, said, errors)

    def end(self) -> None:
        """Tell all of them to end, and wait until they have; start nothing any more."""
        with self._lock:
            self._ending = True
            running = list(self._running)
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(END_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
