"""The whole measurement: how much of it, its figures, and what must hold of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import uvloop
from tests.benchmarks.measure import quantile

from tidegate_chassis.embedded import NatsServer, Place

from .measured import Benchmark, Measured
from .processes import COUNT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BLOCKED_P99_MS = 50.0
SILENT_MAX_MS = 3_500.0
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}


def measure_kills(folder: Path, say: Callable[[str], None]) -> dict[str, object]:
    """Kill and take the bus away as often as the environment says; return every figure."""
    kills = int(os.environ.get("BENCH_KILLS", "100"))
    deaths = int(os.environ.get("BENCH_DEATHS", "10"))
    queued = int(os.environ.get("BENCH_QUEUED", "20000"))
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700)
    with NatsServer(Place(folder / "nats", dies_with_launcher=True)) as server:
        found = uvloop.run(Benchmark(server, secrets, queued).run(kills, deaths, say))
    return {
        "processes": COUNT,
        "queued": queued,
        "kills": kills,
        "blocked_ms": _quantiles(found.blocked_ms),
        "slowest_of_six_ms": _quantiles(found.slowest_ms),
        "waiting_at_least": min(found.waiting, default=0),
        "bus_gone_times": deaths,
        "bus_gone_ms": _quantiles(found.silent_ms),
        "violations": _violations(found),
    }


def _violations(found: Measured) -> list[str]:
    checks = {
        f"p99 of the kill within {BLOCKED_P99_MS:g} ms": not found.slowest_ms
        or quantile(found.slowest_ms, 0.99) <= BLOCKED_P99_MS,
        f"a bus that is gone shuts within {SILENT_MAX_MS:g} ms": not found.silent_ms
        or max(found.silent_ms) <= SILENT_MAX_MS,
        "something waited in front of every kill": min(found.waiting, default=1) > 0,
    }
    return [what for what, holds in checks.items() if not holds]


def _quantiles(samples: list[float]) -> dict[str, float]:
    if not samples:
        return {}
    return {name: round(quantile(samples, share), 2) for name, share in QUANTILES.items()}
