"""The life of one embedded server.

1. `start` locks the folder against other launchers and ends a server that an earlier launcher
   left running in it.
2. It writes the configuration, starts the child in the folder and waits until the server answers.
3. A server that died, however, is started again by calling `start` again: nothing of the old
   process (pid files, locks, shared memory) stands in the way.
4. `stop` asks the server to end, then makes it, then gives the folder free.

Everything blocks and nothing needs an event loop: the caller is a supervisor.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
from abc import ABC, abstractmethod
from typing import IO, TYPE_CHECKING, Any, ClassVar, Self

from tidegate_chassis.embedded import ports, processes
from tidegate_chassis.embedded.errors import (
    FolderUnusableError,
    PortTakenError,
    StartFailedError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from tidegate_chassis.embedded.place import Place

_READY_PATIENCE_S = 30.0
_STOP_PATIENCE_S = 10.0
_LOG_BYTES_MAX = 16 * 1024 * 1024
_LOG_TAIL_BYTES = 2_000
_PORT_ATTEMPTS_MAX = 5


class EmbeddedServer(ABC):
    """One server as a child process; each kind fills in its command and its sign of life."""

    name: ClassVar[str]
    executable: ClassVar[str]
    stop_signals: ClassVar[Sequence[signal.Signals]] = (signal.SIGTERM, signal.SIGKILL)
    death_signal: ClassVar[signal.Signals] = signal.SIGKILL

    def __init__(self, place: Place) -> None:
        """Describe the server; nothing happens before `start`."""
        self.place = place
        self.folder = place.folder.absolute()
        self.log_file = (place.log_file or self.folder / f"{self.name}.log").absolute()
        self.port = place.port
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect, with the credentials if there are any."""

    @abstractmethod
    def ready(self) -> bool:
        """Tell whether the server answers a client now."""

    @abstractmethod
    def _prepare(self) -> list[str]:
        """Write what the server reads, and return its command."""

    @property
    def working_folder(self) -> Path:
        """The folder in which the process runs and by which a left-over one is recognised."""
        return self.folder

    @property
    def pid(self) -> int | None:
        """The server's process id, or None when this object runs none."""
        return self._process.pid if self._process is not None and self.running else None

    @property
    def running(self) -> bool:
        """Tell whether the child process is alive, ready or not."""
        return self._process is not None and self._process.poll() is None

    def start(self, patience_s: float = _READY_PATIENCE_S) -> None:
        """Start the server and return when it is ready; a running one is left alone."""
        if self.running:
            return
        self._make_folder()
        self._take_lock()
        try:
            self._end_leftovers()
            self._start_on_port(patience_s)
        except BaseException:
            self.stop()
            raise

    def stop(self, patience_s: float = _STOP_PATIENCE_S) -> None:
        """End the server, gently first, and give the folder free. Repeating it does no harm."""
        if self._process is not None:
            for number in self.stop_signals:
                if self._ended_by(number, patience_s):
                    break
            self._process = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server."""
        self.stop()

    def _child_options(self) -> dict[str, Any]:
        """Return further options of the child process, such as its user."""
        return {}

    def _make_folder(self) -> None:
        make_folder(self.folder)
        make_folder(self.log_file.parent)

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = os.open(self.folder / "launcher.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise FolderUnusableError(
                expected=f"{self.folder} to be used by one launcher of {self.name}",
                found="another live launcher that holds its lock",
                hint="stop that instance first, or use another folder",
            ) from None
        self._lock = lock

    def _end_leftovers(self) -> None:
        leftovers = processes.running_in(self.working_folder, self.executable)
        processes.end(leftovers, self.stop_signals, _STOP_PATIENCE_S)

    def _start_on_port(self, patience_s: float) -> None:
        chosen_here = self.port == 0
        for attempt in range(1, _PORT_ATTEMPTS_MAX + 1):
            if chosen_here:
                self.port = ports.free_port()
            try:
                self._launch(patience_s)
            except PortTakenError:
                if not chosen_here or attempt == _PORT_ATTEMPTS_MAX:
                    raise
            else:
                return

    def _launch(self, patience_s: float) -> None:
        command = self._prepare()
        ports.require_free(self.port, self.name)
        options = self._child_options()
        if self.place.dies_with_launcher:
            options["preexec_fn"] = processes.dying_with_parent(self.death_signal)
        with self._open_log() as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.working_folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **options,
            )
        self._wait_until_ready(patience_s)

    def _wait_until_ready(self, patience_s: float) -> None:
        process = self._process
        assert process is not None
        processes.wait_until(lambda: process.poll() is not None or self.ready(), patience_s)
        if process.poll() is None and self.ready():
            return
        ended = process.poll() is not None
        if not ended:
            self._ended_by(signal.SIGKILL, _STOP_PATIENCE_S)
        self._process = None
        ports.require_free(self.port, self.name)
        outcome = f"exit code {process.returncode}" if ended else f"no answer in {patience_s:g} s"
        raise StartFailedError(
            expected=f"{self.name} to become ready on {ports.LOOPBACK}:{self.port}",
            found=f"{outcome}, and in its log: {self._log_tail()}",
            hint=f"read {self.log_file}",
        )

    def _ended_by(self, number: signal.Signals, patience_s: float) -> bool:
        process = self._process
        assert process is not None
        if process.poll() is None:
            process.send_signal(number)
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _open_log(self) -> IO[bytes]:
        if self.log_file.exists() and self.log_file.stat().st_size > _LOG_BYTES_MAX:
            self.log_file.replace(self.log_file.with_name(self.log_file.name + ".1"))
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        return os.fdopen(os.open(self.log_file, flags, 0o600), "ab")

    def _log_tail(self) -> str:
        with self.log_file.open("rb") as log:
            log.seek(max(0, self.log_file.stat().st_size - _LOG_TAIL_BYTES))
            return " | ".join(log.read().decode(errors="replace").splitlines()[-5:])


def make_folder(folder: Path) -> None:
    """Make ``folder`` and its absent parents; one that exists is never changed.

    As root the new folders can be entered, not listed, by others: PostgreSQL runs as another user.
    """
    mode = 0o711 if os.geteuid() == 0 else 0o700
    for part in reversed([folder, *folder.parents]):
        if not part.exists():
            part.mkdir(mode=mode, exist_ok=True)
            part.chmod(mode)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
