"""Bars a second in lockstep, and where the processor's time goes.

Time is taken between two looks at a shard of the session, so that neither start nor end counts;
CPU seconds are the kernel's own, per process, between the same two looks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families
from tests.benchmarks.cpu import busy_seconds, cpu_seconds
from tests.benchmarks.sessions import SESSION, configuration, lockstep_session
from tests.instances import running

from tidegate_chassis.configuration import Session
from tidegate_chassis.telemetry import names
from tidegate_cli.client import Services
from tidegate_cli.instances import InstanceRecord
from tidegate_market_data.adapters.catalog import read_replay
from tidegate_market_data.adapters.dataset import Dataset
from tidegate_market_data.config import replay_settings

LOOK_S = 0.2
STUCK_S = 120.0


@dataclass(frozen=True)
class Look:
    """How far a session was at one moment."""

    at_s: float
    bars: int
    instants: int
    rounds: int
    cpu_s: dict[str, float]
    busy_s: float


@dataclass(frozen=True)
class Throughput:
    """What happened between two looks."""

    data: str
    bars: int
    instants: int
    rounds: int
    duration_s: float
    cpu_s: dict[str, float]
    busy_s: float

    @property
    def bars_per_s(self) -> float:
        """Bars handled by every service, a second."""
        return self.bars / self.duration_s

    def document(self) -> dict[str, object]:
        """Return the figures for the last line."""
        instants = max(self.instants, 1)
        return {
            "data": self.data,
            "bars": self.bars,
            "instants": self.instants,
            "duration_s": round(self.duration_s, 3),
            "bars_per_s": round(self.bars_per_s, 1),
            "instants_per_s": round(self.instants / self.duration_s, 1),
            "rounds_per_instant": round(self.rounds / instants, 3),
            "ms_per_round": round(1e3 * self.duration_s / max(self.rounds, 1), 3),
            "cpu_us_per_instant": {n: round(1e6 * s / instants, 1) for n, s in self.cpu_s.items()},
            "cpu_us_per_instant_total": round(1e6 * sum(self.cpu_s.values()) / instants, 1),
            "cpus_busy": round(sum(self.cpu_s.values()) / self.duration_s, 2),
            "cpus_busy_of_others": round(
                (self.busy_s - sum(self.cpu_s.values())) / self.duration_s, 2
            ),
        }


def measure_throughput(folder: Path, path: str, seconds_max: float) -> Throughput:
    """Replay some data in lockstep until their end, or for so many seconds."""
    session = lockstep_session(path)
    dataset = read_replay(replay_settings(session))
    assert isinstance(dataset, Dataset), "data of a size that is kept in memory"
    with running(folder, configuration(session)) as instance, instance.services() as services:
        record = instance.record
        first = look = _started(services, record, dataset)
        moved_s = time.monotonic()
        while look.instants < dataset.instant_count and look.at_s - first.at_s < seconds_max:
            time.sleep(LOOK_S)
            newer = _look(services, record, dataset)
            if newer.instants > look.instants:
                moved_s = time.monotonic()
            assert time.monotonic() - moved_s < STUCK_S, f"the session stands still at {newer}"
            look = newer
    return Throughput(
        data=_title(session, dataset),
        bars=look.bars - first.bars,
        instants=look.instants - first.instants,
        rounds=look.rounds - first.rounds,
        duration_s=look.at_s - first.at_s,
        cpu_s={name: look.cpu_s[name] - first.cpu_s[name] for name in look.cpu_s},
        busy_s=look.busy_s - first.busy_s,
    )


def _title(session: Session, dataset: Dataset) -> str:
    name = Path(session.feed.paths[0]).name
    return f"{name}: {dataset.bar_count} bars, {len(dataset.instruments)} symbols"


def _started(services: Services, record: InstanceRecord, dataset: Dataset) -> Look:
    while True:
        look = _look(services, record, dataset)
        if look.instants:
            return look
        time.sleep(LOOK_S)


def _look(services: Services, record: InstanceRecord, dataset: Dataset) -> Look:
    shards = services.get("signals", "/v1/shards")["shards"]
    instant_ns = next(s["instant_ns"] for s in shards if s["session"] == SESSION)
    at_s = time.monotonic()
    ends = dataset.values[0] + dataset.timeframe_ns
    bars = int(ends.searchsorted(instant_ns, side="right"))
    instants = len(set(ends[:bars].tolist()))
    rounds = _rounds(services.urls("market-data")[0])
    return Look(at_s, bars, instants, rounds, cpu_seconds(record), busy_seconds())


def _rounds(url: str) -> int:
    text = httpx.get(f"{url}/metrics", trust_env=False).text
    wanted = names.ROUNDS.name
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == wanted:
                return int(sample.value)
    return 0


_SHOWN = (
    "bars_per_s", "instants_per_s", "rounds_per_instant", "ms_per_round", "cpus_busy",
    "cpus_busy_of_others",
)  # fmt: skip


def print_throughput(found: Throughput, say: Callable[[str], None] = print) -> None:
    """Print the rate and what it is made of."""
    document = found.document()
    say(f"  {found.data}")
    for name in _SHOWN:
        say(f"    {name.replace('_', ' '):<24} {document[name]:>12,}")
    total_s = sum(found.cpu_s.values())
    for name, seconds in sorted(found.cpu_s.items(), key=lambda item: -item[1]):
        share = 100 * seconds / total_s
        each_us = 1e6 * seconds / max(found.instants, 1)
        say(f"    CPU {name:<20} {each_us:>9.0f} us an instant, {share:4.1f} %")
