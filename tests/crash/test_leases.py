"""One process leads a shard; who was away too long cannot write any more."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.instances import Instance, eventually

from tidegate_chassis.embedded.ports import free_port

from .books import Handled, read_books

pytestmark = [pytest.mark.real, pytest.mark.end_to_end, pytest.mark.timeout(300)]
PATIENCE_S = 120.0
SHARD = "portfolio/demo"


class Standby:
    """A second process of the portfolio service, with the environment of the first."""

    def __init__(self, instance: Instance) -> None:
        self._port = free_port()
        lines = Path(f"/proc/{instance.pid('portfolio')}/environ").read_text().split("\0")
        variables = dict(line.split("=", 1) for line in lines if "=" in line)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tidegate_portfolio"],
            cwd=instance.folder,
            env={**variables, "TIDEGATE_HTTP_PORT": str(self._port)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def state(self) -> tuple[str, str]:
        """Return the state of its shard and the reason."""
        try:
            url = f"http://127.0.0.1:{self._port}/v1/shards"
            (shard,) = httpx.get(url, timeout=5.0, trust_env=False).json()["shards"]
        except httpx.HTTPError:
            return "", ""
        return shard["state"], shard["reason"]

    def ready(self) -> int:
        """Return the status of its /readyz."""
        url = f"http://127.0.0.1:{self._port}/readyz"
        return httpx.get(url, timeout=60.0, trust_env=False).status_code

    def end(self) -> None:
        """End it; it has nothing to say any more."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def standby(instance: Instance) -> Iterator[Standby]:
    """Give a second process beside the leader of a running instance."""
    instance.start()
    eventually(lambda: _leader(instance)[0] == "running", "a leader", PATIENCE_S)
    second = Standby(instance)
    try:
        yield second
    finally:
        second.end()


def test_a_leader_that_slept_cannot_write_any_more(instance: Instance, standby: Standby) -> None:
    """The second process waits, takes over from a stopped leader, and the sleeper is fenced."""
    waiting = ("waiting", "another process holds the lease")
    eventually(
        lambda: standby.state() == waiting and standby.ready() == 503,
        "the second to wait",
        PATIENCE_S,
    )
    leader = instance.pid("portfolio")
    os.kill(leader, signal.SIGSTOP)
    try:
        eventually(lambda: standby.state()[0] == "running", "the second to lead", PATIENCE_S)
    finally:
        os.kill(leader, signal.SIGCONT)
    eventually(
        lambda: _leader(instance) == waiting and standby.state()[0] == "running",
        "the sleeper to step back",
        PATIENCE_S,
    )
    rows = asyncio.run(read_books(instance)).journal[SHARD]
    # A lease lasts a second: on a busy machine it may change hands by itself as well.
    terms = _terms(rows)
    assert terms == sorted(set(terms))
    assert len(terms) > 1
    assert [row.n for row in rows] == list(range(1, len(rows) + 1))


def _leader(instance: Instance) -> tuple[str, str]:
    shard = instance.shards().get(SHARD, {})
    return str(shard.get("state")), str(shard.get("reason"))


def _terms(rows: list[Handled]) -> list[int]:
    """Return the terms in the order in which they wrote."""
    terms: list[int] = []
    for row in rows:
        if not terms or terms[-1] != row.term:
            terms.append(row.term)
    return terms
