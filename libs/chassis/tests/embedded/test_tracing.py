"""rotel and Phoenix as `tidegate up --tracing` starts them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tidegate_chassis.embedded import BinaryMissingError, Place, processes
from tidegate_chassis.embedded.phoenix_on_loopback import loopback
from tidegate_chassis.embedded.tracing import (
    PhoenixServer,
    TracingServers,
    tracing_environment,
)
from tidegate_chassis.telemetry.otlp import OtlpWriter
from tidegate_chassis.telemetry.sampling import Span

PATIENCE_S = 15.0
LISTENING = "0A"
LOOPBACKS = {
    "0100007F",  # 127.0.0.1
    "0000000000000000FFFF00000100007F",  # the same, as IPv6 writes it
}

needs_environment = pytest.mark.skipif(
    not tracing_environment().is_dir(),
    reason=f"{tracing_environment().name} is absent: run `make setup-tracing`",
)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TracingServers]:
    """Give both servers running, each in a folder of its own."""
    folder = tmp_path_factory.mktemp("tracing")
    places = [Place(folder / name, dies_with_launcher=True) for name in ("phoenix", "rotel")]
    with TracingServers(*places) as running:
        yield running


def test_the_grpc_receiver_is_moved_to_loopback() -> None:
    """Whatever interface is asked for, the port stays and the address becomes loopback."""
    assert loopback("[::]:4317") == "127.0.0.1:4317"


def test_a_missing_environment_says_how_to_make_it(tmp_path: Path) -> None:
    """Without `.venv-tracing` nothing is started, and the error names the command."""
    server = PhoenixServer(Place(tmp_path / "phoenix"), environment=tmp_path / "absent")
    with pytest.raises(BinaryMissingError, match="make setup-tracing"):
        server.start()


@pytest.mark.real
@pytest.mark.timeout(180)
@needs_environment
def test_a_span_sent_to_rotel_is_shown_by_phoenix(servers: TracingServers) -> None:
    """What a service exports to the one endpoint arrives at the other, with its attributes."""
    trace = secrets.token_bytes(16)
    now_ns = time.time_ns()
    span = Span(
        name="verdict",
        trace_id=trace,
        span_id=secrets.token_bytes(8),
        parent_span_id=b"",
        start_ns=now_ns - 1_000_000,
        end_ns=now_ns,
        attributes={"symbol": "AAPL"},
    )
    writer = OtlpWriter("risk", "test", f"{servers.otlp_endpoint}/v1/traces", PATIENCE_S)
    assert writer.write([span])
    assert processes.wait_until(lambda: trace.hex() in _trace_ids(servers.url), PATIENCE_S)


@pytest.mark.real
@pytest.mark.timeout(180)
@needs_environment
def test_nothing_listens_beyond_loopback(servers: TracingServers) -> None:
    """Every port of both servers can be reached from this machine only."""
    for server in (servers.phoenix, servers.rotel):
        assert server.pid is not None
        addresses = _listening(server.pid)
        assert len(addresses) == 2, f"{server.name}: HTTP and gRPC, found {addresses}"
        assert addresses <= {(a, port) for a, port in addresses if a in LOOPBACKS}


def _trace_ids(url: str) -> set[str]:
    spans = httpx.get(f"{url}/v1/projects/default/spans", trust_env=False).json()["data"]
    return {span["context"]["trace_id"] for span in spans}


def _listening(pid: int) -> set[tuple[str, str]]:
    """Return the addresses and ports on which a process listens, as the kernel writes them."""
    sockets = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        target = str(link.readlink())
        if target.startswith("socket:"):
            sockets.add(target.removeprefix("socket:[").removesuffix("]"))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING and fields[9] in sockets:
                address, port = fields[1].rsplit(":", 1)
                found.add((address, port))
    return found
