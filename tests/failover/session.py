"""An instance with two replicas of risk, five signals a second, and an end that is quiet."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.benchmarks.paced import paced_session, write_feed
from tests.benchmarks.sessions import SESSION
from tests.instances import Instance, eventually, running

from tidegate_chassis.configuration import Configuration, dump
from tidegate_cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.instances import Document

SHARD = f"risk/{SESSION}"
GATE = "risk/gate"
REPLICAS = ("risk", "risk-2")
BARS_PER_S = 10.0
PATIENCE_S = 180.0
FREEZE_AT = "before_commit,before_publish"
QUIET_LOOKS = 8
# What waits for a takeover must count afterwards: so a leader's old verdicts could do harm.
LIMITS = {"signal_age_max_s": 3_600, "verdict_ttl_s": 3_600}


class Pair:
    """The two replicas of risk of a running instance."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def shards(self, process: str) -> dict[str, Document]:
        """Return what a replica says about its shards; nothing while it does not answer."""
        try:
            with self.instance.services() as services:
                found = services.look_at(process, "/v1/shards")["shards"]
        except (CommandError, KeyError):
            return {}
        return {shard["shard"]: shard for shard in found}

    def leads(self, process: str) -> bool:
        """Tell whether a replica leads the session's decisions."""
        return self.shards(process).get(SHARD, {}).get("state") == "running"

    def stands_by(self, process: str) -> bool:
        """Tell whether a replica follows the session's decisions and knows about the gate too."""
        shards = self.shards(process)
        states = {name: shards.get(name, {}).get("state") for name in (SHARD, GATE)}
        followed = "followed to n=" in str(shards.get(SHARD, {}).get("reason"))
        return states[SHARD] == "standby" and followed and states[GATE] in {"standby", "running"}

    def settled(self) -> tuple[str, str] | None:
        """Return leader and standby once there is one of each."""
        for leader, standby in (REPLICAS, REPLICAS[::-1]):
            if self.leads(leader) and self.stands_by(standby):
                return leader, standby
        return None

    def when_settled(self) -> tuple[str, str]:
        """Wait for leader and standby."""
        return eventually(self.settled, "a leader and a standby", PATIENCE_S, poll_s=0.1)

    def terms(self) -> dict[str, int]:
        """Return the term of every shard of the instance."""
        return {name: shard["term"] for name, shard in self.instance.shards().items()}


@contextmanager
def session(folder: Path, seconds: float) -> Iterator[Pair]:
    """Give a session whose signals last for so many seconds."""
    folder.mkdir()
    feed = folder / "paced.csv"
    write_feed(feed, int(seconds * BARS_PER_S))
    paced = paced_session(feed, BARS_PER_S)
    configuration = Configuration.model_validate(
        {
            "sessions": [paced.model_copy(update={"limits": {**paced.limits, **LIMITS}})],
            "services": {"risk": {"replicas": len(REPLICAS)}},
        }
    )
    with running(folder, dump(configuration), {"TIDEGATE_RISK_FREEZE_AT": FREEZE_AT}) as instance:
        yield Pair(instance)


def come_to_rest(instance: Instance) -> None:
    """End the feed for good, and wait until everything that it has caused is done."""
    instance.freeze_supervisor()
    feeder = instance.pid("market-data")
    os.kill(feeder, signal.SIGTERM)
    eventually(lambda: not _runs(feeder), "market-data to drain")
    places: list[dict[str, object]] = []

    def at_rest() -> bool:
        shards = instance.shards()
        places.append({name: (s.get("n"), s.get("outbox")) for name, s in shards.items()})
        busy = any(s.get("outbox") or s["state"] != "running" for s in shards.values())
        recent = places[-QUIET_LOOKS:]
        return not busy and len(recent) == QUIET_LOOKS and all(p == recent[0] for p in recent)

    eventually(at_rest, "everything to be done", PATIENCE_S, poll_s=0.25)


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123 - not a file
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
