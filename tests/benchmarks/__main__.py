"""`make bench`: parts, live latency, lockstep throughput, orders; beside partners of the same run.

``BENCH_DATA=path`` replays that data too; ``BENCH_ORDERS``, ``BENCH_BARS_PER_S`` and
``BENCH_SECONDS`` set how much is measured; what sets the kill's part is in `kill`. The last line
is one JSON object with every figure.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys

import uvloop
from tests.benchmarks.chain import STAGES, measure_chain
from tests.benchmarks.decisions import measure_decisions
from tests.benchmarks.kill.result import measure_kills
from tests.benchmarks.latency import TOTAL, Latency, measure_latency, print_latency
from tests.benchmarks.machines import measure_machines
from tests.benchmarks.makeup import Part, makeup_us, print_makeup
from tests.benchmarks.measure import HEADING, Figure, quantile
from tests.benchmarks.orders.result import measure_orders
from tests.benchmarks.parts import all_parts
from tests.benchmarks.throughput import measure_throughput, print_throughput

from tidegate_chassis.testing.folder import server_folder
from tidegate_market_data.adapters.demo_data import DEMO_PATH

AIM_P50_US, AIM_P99_US = 3_000, 8_000
CHAIN_TIMES = 200


def main() -> int:
    """Measure everything."""
    load = os.getloadavg()[0]
    print(f"load before: {load:.2f} on {os.cpu_count()} processors")
    parts = _parts()
    latency, chain_us, made = _latency({each.name: each.p50_us for each in parts})
    print("\nLockstep throughput")
    paths = [DEMO_PATH, *filter(None, [os.environ.get("BENCH_DATA")])]
    rates = [_throughput(path) for path in paths]
    print("\nOrders a second")
    with server_folder() as folder:
        orders = measure_orders(folder, print)
    print("\nFrom the kill to the last process that is blocked")
    with server_folder() as folder:
        kills = measure_kills(folder, print)
    document = {
        "load_before": round(load, 2),
        "parts_us": {f.name: {"p50": round(f.p50_us, 2), "p99": round(f.p99_us, 2)} for f in parts},
        "latency_us": _quantiles(latency.between(*TOTAL)),
        "latency_outside_us": _quantiles(list(latency.outside_us)),
        "latency_orders": len(latency.orders),
        "latency_cpus_busy": round(latency.cpus_busy, 2),
        "latency_cpus_busy_of_others": round(latency.cpus_busy_of_others, 2),
        "chain_us": _quantiles(chain_us),
        "makeup_us": {name: [round(us, 1) for us in part] for name, part in made.items()},
        "throughput": rates,
        "orders": orders,
        "kill": kills,
    }
    print(json.dumps(document))
    return 0


def _parts() -> list[Figure]:
    with server_folder() as folder, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(all_parts(folder))
        figures += measure_machines(folder)
    figures += measure_decisions()
    print("Parts of a hop")
    print(HEADING)
    for each in figures:
        print(each.line())
    return figures


def _latency(parts: dict[str, float]) -> tuple[Latency, list[float], dict[str, Part]]:
    orders = int(os.environ.get("BENCH_ORDERS", "300"))
    bars_per_s = float(os.environ.get("BENCH_BARS_PER_S", "10"))
    chain_us = _chain()
    with server_folder() as folder:
        latency = measure_latency(folder, orders, bars_per_s)
    chain_us += _chain()
    print(f"\nLive latency: {len(latency.orders)} orders, {bars_per_s:g} bars a second")
    print_latency(latency)
    bare = _quantiles(chain_us)
    print(f"  partner: {STAGES} bare inserts, {STAGES} bare hops: p50 / p90 / p99 {bare}")
    p50, _, p99 = latency.quantiles(*TOTAL)
    print(f"  aim: p50 {AIM_P50_US}, p99 {AIM_P99_US}; found {p50:.0f} and {p99:.0f}")
    print(f"  refused beside: {latency.refused}")
    print("  made of (medians):")
    made = makeup_us(latency, parts)
    print_makeup(made)
    return latency, chain_us, made


def _chain() -> list[float]:
    """Measure the partner; once before and once after what it is compared with."""
    with server_folder() as folder, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(measure_chain(folder, CHAIN_TIMES, 0.03))


def _throughput(path: str) -> dict[str, object]:
    seconds_max = float(os.environ.get("BENCH_SECONDS", "60"))
    with server_folder() as folder:
        found = measure_throughput(folder, path, seconds_max)
    print_throughput(found)
    return found.document()


def _quantiles(samples_us: list[float]) -> dict[str, float]:
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    return {name: round(quantile(samples_us, share), 1) for name, share in shares.items()}


if __name__ == "__main__":
    sys.exit(main())
