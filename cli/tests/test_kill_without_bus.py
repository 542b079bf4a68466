"""A kill with a bus that is dead, or accepts and never answers, is not slower for it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tidegate_cli.identity import Identity
from tidegate_cli.instances import MAIN, InstanceRecord, record_path

pytestmark = pytest.mark.timeout(120)

SHARD = {
    "shard": "execution/demo",
    "running": True,
    "stored": True,
    "open_orders": 0,
    "closing_orders": 0,
    "holdings_to_close": 0,
    "confirmed": True,
}
PATIENCE_S = 55
"""Less than each path goes on for by itself, and much more than the command needs."""
RISK = ("risk", *(f"risk-{n}" for n in range(2, 50)))
"""So many replicas that asking them one after the other takes longer than `PATIENCE_S`."""


@pytest.fixture
def execution() -> Iterator[str]:
    """Give the address of an execution process that stops when it is told over HTTP."""
    raised = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            levels = {"all": "HALTED"} if raised.is_set() else {}
            self._answer({"shards": [{**SHARD, "levels": levels}]})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            raised.set()
            self._answer({})

        def _answer(self, document: dict[str, object]) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def kill(tmp_path: Path, execution: str) -> Callable[[int], str]:
    """Kill an instance whose bus and risk are at a port; return what the command said."""
    folder = tmp_path / "home"

    def run(port: int) -> str:
        identity = Identity.of(os.getpid())
        assert identity is not None
        for name in ("secrets", "run"):
            (folder / name).mkdir(parents=True)
        (folder / "secrets" / "operator.token").write_text("secret", encoding="utf-8")
        (folder / "secrets" / "nats-operator.creds").write_text("operator:x", encoding="utf-8")
        record = InstanceRecord(
            instance=MAIN,
            state="ready",
            supervisor_pid=os.getpid(),
            supervisor_start_ticks=identity.start_ticks,
            started_at="",
            folder=folder,
            configuration=folder / "tidegate.yaml",
            ephemeral=False,
            sessions=("demo",),
            nats_url=f"nats://127.0.0.1:{port}",
            http={"execution": execution, **dict.fromkeys(RISK, f"http://127.0.0.1:{port}")},
        )
        record.write(record_path(folder, MAIN))
        ended = subprocess.run(
            [sys.executable, "-m", "tidegate_cli", "kill", "--reason", "test"],
            env={**os.environ, "TIDEGATE_HOME": str(folder)},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run


def test_a_dead_bus_and_a_dead_risk_hold_nothing_up(kill: Callable[[int], str]) -> None:
    """Execution is told over HTTP at once, and nobody waits for the others to give up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    said = kill(port)
    assert said.startswith("KILLED in ")
    assert "execution/demo" in said


def test_a_bus_and_a_risk_that_accept_and_never_answer_hold_nothing_up(
    kill: Callable[[int], str],
) -> None:
    """What hangs is left behind when every shard has confirmed."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        said = kill(listening.getsockname()[1])
    assert said.startswith("KILLED in ")
    assert "execution/demo" in said
