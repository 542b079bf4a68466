"""Of several replicas the first that answers is taken."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tidegate_cli.client import Services
from tidegate_cli.errors import Refused, Unreachable
from tidegate_cli.instances import InstanceRecord

NOWHERE = "http://127.0.0.1:9"


@dataclass
class Replica:
    """Answers every request with one status and document, and counts them."""

    status: int
    document: dict[str, Any]
    asked: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def replicas() -> Iterator[list[Replica]]:
    """Give a replica that leads, one that refuses and one that is starting."""
    found = [
        Replica(200, {"shards": [{"shard": "risk/gate", "state": "running", "n": 7}]}),
        Replica(409, {"error": {"code": "SAME_PRINCIPAL"}}),
        Replica(503, {"error": {"code": "SHARD_NOT_RUNNING"}}),
        Replica(200, {"shards": [{"shard": "risk/gate", "state": "standby"}]}),
    ]
    servers = [_serve(replica) for replica in found]
    yield found
    for server in servers:
        server.shutdown()
        server.server_close()


def _serve(replica: Replica) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            replica.asked.append(self.path)
            body = json.dumps(replica.document).encode()
            self.send_response(replica.status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the server's own names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    replica.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def services(*urls: str) -> Services:
    """Return the services of an instance whose risk has these replicas."""
    names = ("risk", "risk-2", "risk-3")
    record = InstanceRecord(
        instance="main",
        state="ready",
        supervisor_pid=1,
        supervisor_start_ticks=1,
        started_at="",
        folder=Path("/nowhere"),
        configuration=Path("/nowhere/tidegate.yaml"),
        ephemeral=False,
        sessions=(),
        http=dict(zip(names, urls, strict=False)),
    )
    return Services(record, token="secret")


def test_a_replica_that_is_dead_or_starting_is_passed_over(replicas: list[Replica]) -> None:
    """Whoever answers next is taken."""
    leads, _, starting, _ = replicas
    with services(NOWHERE, starting.url, leads.url) as asked:
        assert asked.post("risk", "/admin/gate/raise", {}) == leads.document
    assert starting.asked == leads.asked == ["/admin/gate/raise"]


def test_a_refusal_is_an_answer(replicas: list[Replica]) -> None:
    """Nobody else is asked again what one has refused."""
    leads, refuses, _, _ = replicas
    with services(refuses.url, leads.url) as asked, pytest.raises(Refused):
        asked.post("risk", "/admin/gate/approve", {})
    assert leads.asked == []


def test_when_nobody_answers_the_last_says_why(replicas: list[Replica]) -> None:
    """As for a service with one process."""
    with services(NOWHERE, replicas[2].url) as asked, pytest.raises(Unreachable) as refused:
        asked.get("risk", "/v1/gate")
    assert refused.value.code == "SHARD_NOT_RUNNING"


def test_a_shard_is_told_by_the_replica_that_leads_it(replicas: list[Replica]) -> None:
    """In whatever order they are asked, and with one of them dead."""
    leads, _, _, follows = replicas
    for urls in ((leads.url, follows.url), (follows.url, leads.url), (NOWHERE, leads.url)):
        with services(*urls) as asked:
            assert asked.shards("risk") == leads.document["shards"]
