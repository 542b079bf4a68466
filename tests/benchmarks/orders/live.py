"""Orders a second through the live services: one session, in lockstep, an order at every turn.

A bar goes through six processes, becomes a signal, a verdict, an order at the paper venue, a fill
and a booking, every step committed; the next bar comes when all have reported. Time is taken
between two looks, so that neither start nor end counts.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec
from tests.benchmarks.cpu import busy_seconds, cpu_seconds
from tests.benchmarks.paced import paced_session, write_feed
from tests.benchmarks.sessions import SESSION, configuration
from tests.instances import eventually, running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.instances import Instance

BARS = 100_000
LOOK_S = 0.2
SHARD = f"execution/{SESSION}"


class LiveRate(msgspec.Struct, frozen=True):
    """What happened between two looks."""

    fills: int
    seconds: float
    cpu_s: dict[str, float]
    cpus_busy_of_others: float

    @property
    def orders_per_s(self) -> float:
        """Orders that were filled, a second."""
        return self.fills / self.seconds

    @property
    def cpu_ms_per_order(self) -> float:
        """Processor time of all processes for one order."""
        return 1e3 * sum(self.cpu_s.values()) / max(self.fills, 1)


def measure_live(folder: Path, seconds: float) -> LiveRate:
    """Trade for so many seconds."""
    feed = folder / "turns.csv"
    write_feed(feed, BARS)
    lockstep = paced_session(feed, 1.0).model_copy(update={"clock": "lockstep", "speed": 1.0})
    with running(folder / "instance", configuration(lockstep)) as instance:
        eventually(lambda: _fills(instance), "a first fill")
        record = instance.record
        cpu_s, busy_s, fills = cpu_seconds(record), busy_seconds(), _fills(instance)
        started_s = time.monotonic()
        time.sleep(seconds)
        done, took_s = _fills(instance) - fills, time.monotonic() - started_s
        used_s = {name: after - cpu_s[name] for name, after in cpu_seconds(record).items()}
        others_s = busy_seconds() - busy_s - sum(used_s.values())
    return LiveRate(done, took_s, used_s, others_s / took_s)


def _fills(instance: Instance) -> int:
    return instance.published(SHARD, "Fill")
