"""How far a running demo is: read off what the services say about their shards."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate_cli.client import Document, Services
from tidegate_cli.demo.wanted import SESSION
from tidegate_cli.errors import CommandError, Failed

ASKED = ("market-data", "signals", "risk", "execution", "portfolio", "alerts")
_QUIET_POLLS = 3
_DETAIL_SHARE = 20
"""The costlier questions may take one part in this many of the time."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One look at the demo."""

    elapsed_s: float
    instant_ns: int = 0
    counters: Mapping[str, int] = field(default_factory=dict)
    approved: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    equity: str = ""
    gate: str = ""
    finished: bool = False

    def count(self, kind: str) -> int:
        """Return how many messages of a kind were published: ``Bar``, ``Signal``, ``Fill``..."""
        return self.counters.get(kind, 0)


class Observer:
    """Looks again and again; a service that is being restarted is left out of one look."""

    def __init__(self, services: Services, *, lockstep: bool) -> None:
        self._services = services
        self._lockstep = lockstep
        self._started_s = time.monotonic()
        self._counters: dict[str, int] = {}
        self._details = Progress(0.0)
        self._details_due_s = 0.0
        self._quiet_polls = 0

    def look(self) -> Progress:
        """Return how far the demo is; a shard that stopped for good is an error."""
        shards, complete = self._shards()
        for shard in shards:
            _require_alive(shard)
        before = dict(self._counters)
        for shard in shards:
            self._counters |= shard.get("counters", {})
        self._quiet_polls = self._quiet_polls + 1 if before == self._counters else 0
        self._look_at_details()
        return Progress(
            elapsed_s=time.monotonic() - self._started_s,
            instant_ns=max((int(s.get("instant_ns", 0)) for s in shards), default=0),
            counters=dict(self._counters),
            approved=self._details.approved,
            refused=self._details.refused,
            equity=self._details.equity,
            gate=self._details.gate,
            finished=complete and self._is_finished(shards),
        )

    def _is_finished(self, shards: list[Document]) -> bool:
        feed_done = any(s["finished"] for s in shards if s["shard"].startswith("market-data/"))
        if not feed_done or any(shard.get("busy") for shard in shards):
            return False
        return self._lockstep or self._quiet_polls >= _QUIET_POLLS

    def _shards(self) -> tuple[list[Document], bool]:
        found: list[Document] = []
        complete = True
        for service in ASKED:
            try:
                shards = self._services.shards(service)
            except CommandError:
                complete = False
                continue
            mine = [s for s in shards if s["session"] in {SESSION, ""}]
            complete = complete and all("n" in shard for shard in mine)
            found += mine
        return found, complete

    def _look_at_details(self) -> None:
        asked_s = time.monotonic()
        if asked_s < self._details_due_s:
            return
        try:
            verdicts = self._services.get("risk", "/v1/verdicts/counts", session=SESSION)
            accounts = self._services.get("portfolio", "/v1/account", session=SESSION)["accounts"]
            gate = self._services.get("risk", "/v1/gate")
        except CommandError:
            return
        self._details = Progress(
            0.0,
            approved=verdicts["approved"],
            refused=verdicts["refused"],
            equity=accounts[0]["equity"] if accounts else "",
            gate=gate["level"],
        )
        now_s = time.monotonic()
        self._details_due_s = now_s + (now_s - asked_s) * _DETAIL_SHARE


def _require_alive(shard: Document) -> None:
    if shard["state"] == "refused":
        raise Failed(
            "SHARD_STOPPED",
            f"{shard['shard']} refuses to run: {shard['reason']}",
            expected="every shard to run to the end of the data",
            found=f"one that stopped at n = {shard.get('n', '?')}",
            hint="run it again with --keep and read the logs",
        )
