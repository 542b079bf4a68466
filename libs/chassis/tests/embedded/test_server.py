"""The life of an embedded server: start, crash, start again, stop."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tidegate_chassis.embedded import (
    EmbeddedServer,
    FolderUnusableError,
    Place,
    PortTakenError,
    processes,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeServer = Callable[[Place], EmbeddedServer]

PATIENCE_S = 20.0


def kill(server: EmbeddedServer) -> None:
    """End the server as a crash would and wait until the kernel has noticed."""
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert processes.wait_until(lambda: not server.running, PATIENCE_S)


def test_a_started_server_is_ready_and_a_stopped_one_is_gone(
    make_server: MakeServer, folder: Path
) -> None:
    """`start` returns when clients are answered; `stop` leaves no process."""
    server = make_server(Place(folder / "one"))
    server.start()
    pid = server.pid
    assert pid is not None
    assert server.ready()
    server.stop()
    assert not server.ready()
    assert not processes.is_alive(pid)
    assert server.pid is None


def test_a_killed_server_starts_again_on_its_port(make_server: MakeServer, folder: Path) -> None:
    """Stale pid files, locks and shared memory do not stand in the way."""
    server = make_server(Place(folder / "one"))
    server.start()
    port = server.port
    kill(server)
    assert not server.ready()
    server.start()
    assert server.ready()
    assert server.port == port


def test_a_new_launcher_takes_over_what_a_dead_one_left_running(
    make_server: MakeServer, folder: Path
) -> None:
    """The server that an earlier launcher left behind is ended before the new one starts."""
    orphan = make_server(Place(folder / "one"))
    orphan.start()
    assert orphan.pid is not None
    assert orphan._lock is not None
    os.close(orphan._lock)  # what the kernel does when a launcher dies
    orphan._lock = None
    heir = make_server(Place(folder / "one", port=orphan.port))
    heir.start()
    assert heir.ready()
    assert not orphan.running


def test_a_folder_has_one_launcher(make_server: MakeServer, folder: Path) -> None:
    """Two live launchers never run two servers on the same data."""
    make_server(Place(folder / "one")).start()
    with pytest.raises(FolderUnusableError, match="another live launcher"):
        make_server(Place(folder / "one")).start()


def test_a_taken_port_is_named_with_its_holder(make_server: MakeServer, folder: Path) -> None:
    """The error says which port, which process, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError) as caught:
            make_server(Place(folder / "one", port=port)).start()
    assert str(port) in caught.value.expected
    assert f"process {os.getpid()}" in caught.value.found
    assert "another port" in caught.value.hint


def test_a_server_bound_to_its_launcher_dies_with_it(folder: Path) -> None:
    """Killing the launcher ends the server, whatever the launcher was doing."""
    script = (
        "import sys, time; from pathlib import Path\n"
        "from tidegate_chassis.embedded import Place, PostgresServer\n"
        "folder = Path(sys.argv[1])\n"
        "place = Place(folder / 'one', dies_with_launcher=True)\n"
        "server = PostgresServer(place, password_file=folder / 'secrets' / 'password')\n"
        "server.start()\n"
        "print(server.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    launcher = subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert launcher.stdout is not None
    with launcher.stdout as output:
        pid = int(output.readline())
    assert processes.is_alive(pid)
    launcher.kill()
    launcher.wait()
    assert processes.wait_until(lambda: not processes.is_alive(pid), PATIENCE_S)


def test_every_file_with_a_secret_is_private(make_server: MakeServer, folder: Path) -> None:
    """Configuration, passwords and logs can be read by their owner only."""
    server = make_server(Place(folder / "one"))
    server.start()
    private = [path for path in (folder / "one").glob("*") if path.is_file()]
    private += list((folder / "secrets").glob("*"))
    assert private
    assert {path.name: path.stat().st_mode & 0o077 for path in private} == {
        path.name: 0 for path in private
    }
