"""Playing a session to its end while processes die."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from tidegate_cli.client import Services
from tidegate_cli.demo.progress import Observer, Progress
from tidegate_cli.demo.results import gather
from tidegate_lab.outcome import Outcome

if TYPE_CHECKING:
    from tests.instances import Instance

    from .workload import Span

PATIENCE_S = 420.0
LOOK_S = 0.1
FIRST_SHARE = 0.05
LAST_SHARE = 0.85


class Blow(msgspec.Struct, frozen=True, order=True):
    """Who is killed when so much of the feed has been played, and how much later."""

    share: float
    delay_s: float
    victim: str


def blows(seed: int, victims: tuple[str, ...]) -> list[Blow]:
    """Draw a moment for every victim."""
    chance = random.Random(seed)
    return sorted(
        Blow(chance.uniform(FIRST_SHARE, LAST_SHARE), chance.uniform(0, 0.3), victim)
        for victim in victims
    )


class Play:
    """One run of a session on an instance."""

    def __init__(self, instance: Instance, span: Span) -> None:
        """Begin to look; the instance plays by itself."""
        self.instance = instance
        self.kills: dict[str, int] = {}
        self._span = span
        self._services = Services(instance.record)
        self._observer = Observer(self._services, lockstep=True)
        self._deadline_s = time.monotonic() + PATIENCE_S

    def strike(self, planned: list[Blow]) -> None:
        """Kill everybody at their moments."""
        for blow in planned:
            self.until_share(blow.share)
            time.sleep(blow.delay_s)
            self.instance.kill(blow.victim)
            self.kills[blow.victim] = self.kills.get(blow.victim, 0) + 1

    def until_share(self, share: float) -> Progress:
        """Return when so much of the feed has been played."""
        while True:
            progress = self.look()
            if progress.finished or self._span.share(progress.instant_ns) >= share:
                return progress

    def finish(self) -> Outcome:
        """Return what the session ended with."""
        while True:
            progress = self.look()
            if progress.finished:
                results = gather(self._services, progress)
                self._services.__exit__(None, None, None)
                return results

    def look(self) -> Progress:
        """Look once, not too often; a session that does not end is an error that says where."""
        time.sleep(LOOK_S)
        progress = self._observer.look()
        if time.monotonic() > self._deadline_s:
            shards = {
                name: {
                    key: shard.get(key)
                    for key in ("state", "reason", "instant_ns", "round", "busy")
                }
                for name, shard in self.instance.shards().items()
            }
            message = f"expected the session to end within {PATIENCE_S:g} s, found {shards}"
            raise TimeoutError(message)
        return progress


def total(counts: list[Mapping[str, int]]) -> dict[str, int]:
    """Add counts up by name."""
    names = sorted({name for each in counts for name in each})
    return {name: sum(each.get(name, 0) for each in counts) for name in names}
