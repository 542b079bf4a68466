"""PostgreSQL, tuned for a small machine that must lose nothing it has confirmed.

The folder holds ``cluster`` (the data) and, as root on a machine whose wheels only root can read,
``binaries``. A cluster is made under another name and renamed when it is whole, so a crash in the
middle leaves nothing that looks like one.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import struct
import subprocess
from typing import TYPE_CHECKING, Any, ClassVar

from tidegate_chassis.embedded import binaries, processes, unprivileged
from tidegate_chassis.embedded.errors import FolderUnusableError, StartFailedError
from tidegate_chassis.embedded.ports import LOOPBACK
from tidegate_chassis.embedded.server import EmbeddedServer, make_folder
from tidegate_chassis.security.secrets import generated_secret

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tidegate_chassis.embedded.place import Place

ADMINISTRATOR = "tidegate"
_PROBE_PATIENCE_S = 1.0
_ORPHAN_PATIENCE_S = 5.0
_AUTHENTICATION_REQUEST = b"R"
_PROTOCOL_VERSION = 196_608  # 3.0
_ANSWER_BYTES_MAX = 4_096  # all of it: leaving some unread resets the connection

# TCP on loopback only: no socket file to be left behind, and no path that could be too long.
# Shared memory lives in the data folder, so that nothing stays in /dev/shm after a crash.
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "60",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "max_wal_senders": "4",
    "min_wal_size": "96MB",
    "max_wal_size": "768MB",
    "checkpoint_timeout": "15min",
    "shared_buffers": "64MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "autovacuum_max_workers": "2",
    "max_worker_processes": "4",
    "max_parallel_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "io_method": "sync",
    "dynamic_shared_memory_type": "mmap",
    "huge_pages": "off",
    "jit": "off",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}


class PostgresServer(EmbeddedServer):
    """One PostgreSQL on loopback; the administrator's password is in ``password_file``.

    The file is made when absent. As root the server runs as an unprivileged user.
    """

    name = "postgres"
    executable = "postgres"
    stop_signals: ClassVar[Sequence[signal.Signals]] = (
        signal.SIGINT,  # "fast": clients are sent away and the data is written
        signal.SIGQUIT,  # "immediate": the next start recovers
        signal.SIGKILL,
    )
    death_signal = signal.SIGQUIT

    def __init__(self, place: Place, *, password_file: Path) -> None:
        """Describe the server; nothing happens before `start`."""
        super().__init__(place)
        self.password_file = password_file
        self.cluster = self.folder / "cluster"
        self._account = unprivileged.account()

    @property
    def url(self) -> str:
        """Where an administrator connects, with the password."""
        return self.database_url("postgres")

    @property
    def working_folder(self) -> Path:
        """The data folder: PostgreSQL's processes all run in it."""
        return self.cluster

    def database_url(self, database: str) -> str:
        """Return the administrator's address of one database."""
        password = generated_secret(self.password_file).reveal()
        return f"postgresql://{ADMINISTRATOR}:{password}@{LOOPBACK}:{self.port}/{database}"

    def client_environment(self, database: str) -> dict[str, str]:
        """Return the variables with which PostgreSQL's own programs reach one database."""
        return {
            "PGHOST": LOOPBACK,
            "PGPORT": str(self.port),
            "PGUSER": ADMINISTRATOR,
            "PGPASSWORD": generated_secret(self.password_file).reveal(),
            "PGDATABASE": database,
        }

    def binary(self, name: str) -> Path:
        """Return one of PostgreSQL's programs, such as ``pg_basebackup``."""
        return self._install() / "bin" / name

    def ready(self) -> bool:
        """Tell whether the server asks a client for its password: it then takes connections."""
        parameters = f"user\0{ADMINISTRATOR}\0database\0postgres\0\0".encode()
        packet = struct.pack("!ii", len(parameters) + 8, _PROTOCOL_VERSION) + parameters
        try:
            with socket.create_connection((LOOPBACK, self.port), _PROBE_PATIENCE_S) as probe:
                probe.sendall(packet)
                return probe.recv(_ANSWER_BYTES_MAX)[:1] == _AUTHENTICATION_REQUEST
        except OSError:
            return False

    def _prepare(self) -> list[str]:
        if not (self.cluster / "PG_VERSION").exists():
            self._make_cluster()
        self._require_password()
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)  # nothing runs here: see start
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        return [
            str(self.binary("postgres")),
            "-D",
            str(self.cluster),
            "-p",
            str(self.port),
            *settings,
        ]

    def _child_options(self) -> dict[str, Any]:
        return {} if self._account is None else self._account.child_options()

    def _make_folder(self) -> None:
        super()._make_folder()
        if self._account is not None:
            unprivileged.require_reachable(self.folder, self._account)

    def _end_leftovers(self) -> None:
        super()._end_leftovers()
        # A postmaster that was killed leaves workers that end by themselves, mostly at once.
        orphans = processes.running_in(self.cluster, self.executable)
        processes.end(orphans, [signal.SIGQUIT, signal.SIGKILL], _ORPHAN_PATIENCE_S)

    def _install(self) -> Path:
        install = binaries.postgres_install()
        if self._account is None:
            return install
        return unprivileged.readable_install(install, self._account, self.folder / "binaries")

    def _require_password(self) -> None:
        if not self.password_file.exists():
            raise FolderUnusableError(
                expected=f"the password of {self.cluster} in {self.password_file}",
                found="the data but not the file",
                hint="put the file back, or remove the data folder if it may be lost",
            )

    def _make_cluster(self) -> None:
        fresh = self.folder / "cluster.new"
        password = self.folder / "initial-password"
        for path in (fresh, self.cluster):
            shutil.rmtree(path, ignore_errors=True)
        make_folder(fresh)
        fresh.chmod(0o700)
        self._give(fresh)
        try:
            self._write_initial_password(password)
            self._run_initdb(fresh, password)
        finally:
            password.unlink(missing_ok=True)
        fresh.rename(self.cluster)

    def _write_initial_password(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(generated_secret(self.password_file).reveal() + "\n")
        self._give(path)

    def _give(self, path: Path) -> None:
        if self._account is not None:
            os.chown(path, self._account.uid, self._account.gid)

    def _run_initdb(self, cluster: Path, password: Path) -> None:
        made = subprocess.run(
            [
                str(self.binary("initdb")),
                f"--pgdata={cluster}",
                f"--username={ADMINISTRATOR}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions",
            ],
            cwd=cluster,
            capture_output=True,
            text=True,
            check=False,
            **self._child_options(),
        )
        if made.returncode != 0:
            raise StartFailedError(
                expected=f"initdb to make a cluster in {cluster}",
                found=f"exit code {made.returncode}: {made.stderr.strip()}",
                hint="free disk space or choose another folder, then start again",
            )
