"""The fixtures give running servers and leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nats
import pytest

from tidegate_chassis.embedded import processes
from tidegate_chassis.testing import server_folder

if TYPE_CHECKING:
    from tidegate_chassis.embedded import NatsServer

PATIENCE_S = 20.0
TEST = """
def test_servers(nats_server, postgres, valkey, database_url, collector):
    print("FOLDER", nats_server.folder.parent, flush=True)
    print("PIDS", nats_server.pid, postgres.pid, valkey.pid, flush=True)
    {then}
"""


def start(tmp_path: Path, then: str) -> subprocess.Popen[str]:
    """Run a test with every server in a pytest of its own."""
    (tmp_path / "test_servers.py").write_text(TEST.format(then=then))
    command = [sys.executable, "-m", "pytest", "-s", "-q", "-p", "no:cacheprovider"]
    return subprocess.Popen(
        [*command, f"--rootdir={tmp_path}", str(tmp_path)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )


def told(process: subprocess.Popen[str], word: str) -> list[str]:
    """Return what the test printed behind ``word``."""
    assert process.stdout is not None
    for line in process.stdout:
        if word in line:
            return line[line.index(word) + len(word) :].split()
    pytest.fail(f"expected a line with {word}, found the end")


@pytest.mark.parametrize(("then", "exit_code"), [("assert True", 0), ("assert False", 1)])
def test_nothing_is_left_after_the_tests(tmp_path: Path, then: str, exit_code: int) -> None:
    """Passed or failed: no process and no file of the servers remains."""
    with start(tmp_path, then) as running:
        folder = Path(told(running, "FOLDER")[0])
        pids = [int(pid) for pid in told(running, "PIDS")]
        running.communicate()
    assert running.returncode == exit_code
    assert not any(map(processes.is_alive, pids))
    assert not folder.exists()


def test_nothing_is_left_after_the_tests_were_killed(tmp_path: Path) -> None:
    """The servers die at once; their folder goes when the next tests begin."""
    with start(tmp_path, "import time; time.sleep(600)") as running:
        folder = Path(told(running, "FOLDER")[0])
        pids = [int(pid) for pid in told(running, "PIDS")]
        os.kill(running.pid, signal.SIGKILL)
    assert processes.wait_until(lambda: not any(map(processes.is_alive, pids)), PATIENCE_S)
    with server_folder() as other:
        assert other != folder
    assert not folder.exists()


@pytest.mark.real
@pytest.mark.parametrize("subject", ["bars.>", "orders.>"])
async def test_a_test_finds_no_stream_of_another(nats_server: NatsServer, subject: str) -> None:
    """Each makes a stream of the same name with other subjects, which a server refuses."""
    client = await nats.connect(nats_server.url)
    await client.jetstream().add_stream(name="SHARED", subjects=[subject])
    await client.close()
