"""A database that is older than the stream does not trade."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from tests.instances import Instance, eventually

from tidegate_chassis.embedded import Place, PostgresServer
from tidegate_chassis.embedded.unprivileged import account
from tidegate_cli.reached import embedded_nats

from .books import read_streams

pytestmark = [pytest.mark.real, pytest.mark.end_to_end, pytest.mark.long, pytest.mark.timeout(420)]
PATIENCE_S = 150.0
SAID_BEFORE = 150
GATE = "risk/gate"
BEHIND = {
    "signals": "signals/demo/0",
    "risk": "risk/demo",
    "execution": "execution/demo",
    "portfolio": "portfolio/demo",
}


@pytest.mark.parametrize("instance", [600], indirect=True)
def test_nothing_is_traded_on_a_restored_backup(instance: Instance) -> None:
    """Backed up in mid-run, played on, restored: each shard says what is ahead of it."""
    instance.start()
    eventually(lambda: _said(instance)["portfolio/demo"] > SAID_BEFORE, "a full run", PATIENCE_S)
    backup = _back_up(instance)
    said = _said(instance)
    assert not _finished(instance), "expected a backup of mid-run, the session has ended: more bars"
    eventually(lambda: _all_said_more(instance, said), "everybody to say more", PATIENCE_S)
    instance.stop()
    with embedded_nats(instance.folder) as server:
        before = asyncio.run(read_streams(instance, server.url))
    _restore(instance, backup)

    instance.start(wait=False)
    eventually(lambda: _refused(instance) >= set(BEHIND.values()), "all to refuse", PATIENCE_S)
    for service, shard in BEHIND.items():
        status, text = instance.ready(service)
        assert status == 503
        assert f"of channel {shard}" in text
        assert "the database is older than the stream" in text
    after = asyncio.run(read_streams(instance))
    # The gate is not behind: it may go on to tell of a breaker that the streams still hold.
    told, known = after.pop(GATE, []), before.pop(GATE, [])
    assert told[: len(known)] == known
    assert after == before


def _said(instance: Instance) -> Counter[str]:
    """Return how much each of the shards that are looked at has published."""
    shards = instance.shards()
    counters = {name: shards.get(name, {}).get("counters", {}) for name in BEHIND.values()}
    return Counter({name: sum(counts.values()) for name, counts in counters.items()})


def _all_said_more(instance: Instance, said: Counter[str]) -> bool:
    """Tell whether every shard has published since, or all is over."""
    now = _said(instance)
    return all(now[name] > said[name] for name in BEHIND.values()) or _finished(instance)


def _finished(instance: Instance) -> bool:
    shards = instance.shards()
    feed = shards.get("market-data/replay-demo", {})
    return bool(feed.get("finished")) and not any(
        each.get("busy", True) for each in shards.values()
    )


def _refused(instance: Instance) -> set[str]:
    return {name for name, shard in instance.shards().items() if shard["state"] == "refused"}


def _postgres(instance: Instance) -> PostgresServer:
    """Return a description of the instance's server, with its port."""
    folder = instance.folder
    place = Place(
        folder=folder / "data" / "postgres", port=instance.record.processes["postgres"].port or 0
    )
    return PostgresServer(place, password_file=folder / "secrets" / "postgres.password")


def _back_up(instance: Instance) -> Path:
    """Copy the running cluster with PostgreSQL's own program."""
    server = _postgres(instance)
    target = instance.folder / "backup"
    made = subprocess.run(
        [str(server.binary("pg_basebackup")), "--pgdata", str(target), "--checkpoint=fast"],
        env={**os.environ, **server.client_environment("postgres")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return target


def _restore(instance: Instance, backup: Path) -> None:
    cluster = instance.folder / "data" / "postgres" / "cluster"
    shutil.rmtree(cluster)
    shutil.move(backup, cluster)
    user = account()
    if user is not None:
        for path in (cluster, *cluster.rglob("*")):
            os.chown(path, user.uid, user.gid)
