"""Latency over the live bus: from a bar's publication to the paper venue's acceptance.

The stamps are the hosts' own: the spans that each service exports over OTLP say when a message
came in, when its handling began and when its journal commit had ended; what was committed is
published in the same breath. A listener on core NATS sees the same from outside, as a check.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.cpu import busy_seconds, cpu_seconds
from tests.benchmarks.measure import NS_PER_US, quantile
from tests.benchmarks.paced import BARS_PER_ORDER, paced_session, write_feed
from tests.benchmarks.sessions import configuration
from tests.instances import Instance, running

from tidegate_chassis.host.bus import Bus
from tidegate_chassis.testing.collector import CollectedSpan, SpanCollector
from tidegate_cli.client import Services
from tidegate_contracts import codec
from tidegate_contracts.execution import OrderEvent, OrderState
from tidegate_contracts.market import Bar
from tidegate_contracts.permissions import OPERATOR

if TYPE_CHECKING:
    from nats.aio.msg import Msg

WARM_UP_ORDERS = 20
STEPS = (
    ("hop: market-data to signals", "published", "signals received"),
    ("signals: waits in the process", "signals received", "signals started"),
    ("signals: machine, codec, hash", "signals started", "signals decided"),
    ("signals: journal commit", "signals decided", "signals committed"),
    ("hop: signals to risk", "signals committed", "risk received"),
    ("risk: waits in the process", "risk received", "risk started"),
    ("risk: machine, codec, signature", "risk started", "risk decided"),
    ("risk: journal commit", "risk decided", "risk committed"),
    ("hop: risk to execution", "risk committed", "execution received"),
    ("execution: waits in the process", "execution received", "execution started"),
    ("execution: machine, codec, hash", "execution started", "execution decided"),
    ("execution: journal commit", "execution decided", "execution committed"),
    ("venue: hand-over, machine, commit, answer", "execution committed", "accepted"),
)
TOTAL = ("published", "accepted")
AROUND = (
    ("before: the bar's own commit in market-data", "read", "published"),
    ("after: WORKING committed and published", "accepted", "working"),
)
Stamps = dict[str, int]


@dataclass
class Outside:
    """What a listener on the bus saw: arrivals of bars, and of WORKING orders, by bar's end."""

    bars: dict[int, int] = field(default_factory=dict)
    working: dict[int, int] = field(default_factory=dict)

    async def on_bar(self, message: Msg) -> None:
        """Stamp a bar."""
        arrived_ns = time.time_ns()
        self.bars.setdefault(codec.decode_as(Bar, message.data).end_ns, arrived_ns)

    async def on_order(self, message: Msg) -> None:
        """Stamp an order that the venue has accepted."""
        arrived_ns = time.time_ns()
        event = codec.decode_as(OrderEvent, message.data)
        if event.state is OrderState.WORKING:
            self.working.setdefault(event.decided_at_ns, arrived_ns)

    def samples_us(self) -> list[float]:
        """Return the microseconds between both, order by order."""
        both = [(at, end) for end, at in sorted(self.working.items()) if end in self.bars]
        return [(at - self.bars[end]) / NS_PER_US for at, end in both][WARM_UP_ORDERS:]


@dataclass(frozen=True)
class Latency:
    """The stamps of every order, and what was seen from outside."""

    orders: tuple[Stamps, ...]
    outside_us: tuple[float, ...]
    refused: dict[str, int]
    # How many processors the instance, and everybody else, kept busy meanwhile.
    cpus_busy: float
    cpus_busy_of_others: float

    def between(self, first: str, last: str) -> list[float]:
        """Return the microseconds between two stamps, order by order."""
        return [(stamps[last] - stamps[first]) / NS_PER_US for stamps in self.orders]

    def quantiles(self, first: str, last: str) -> tuple[float, float, float]:
        """Return p50, p90 and p99 between two stamps."""
        samples = self.between(first, last)
        return quantile(samples, 0.5), quantile(samples, 0.9), quantile(samples, 0.99)


def measure_latency(folder: Path, orders: int, bars_per_s: float) -> Latency:
    """Run an instance until so many orders have been accepted."""
    feed = folder / "paced.csv"
    write_feed(feed, (orders + 2 * WARM_UP_ORDERS) * BARS_PER_ORDER)
    outside = Outside()
    with SpanCollector() as collector:
        variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint}
        with running(folder, configuration(paced_session(feed, bars_per_s)), variables) as instance:
            record = instance.record
            before = (time.monotonic(), sum(cpu_seconds(record).values()), busy_seconds())
            refused = asyncio.run(_listen(instance, outside))
            after = (time.monotonic(), sum(cpu_seconds(record).values()), busy_seconds())
        spans = collector.spans
    stamped = [stamps for trace in _traces(spans) if (stamps := _stamps(trace))]
    stamped.sort(key=lambda stamps: stamps["published"])
    passed_s, own_s, busy_s = (b - a for a, b in zip(before, after, strict=True))
    return Latency(
        tuple(stamped[WARM_UP_ORDERS:]),
        tuple(outside.samples_us()),
        refused,
        own_s / passed_s,
        (busy_s - own_s) / passed_s,
    )


async def _listen(instance: Instance, outside: Outside) -> dict[str, int]:
    bus = Bus("bench", on_violation=print)
    await bus.connect(instance.record.nats_url, *instance.credentials(OPERATOR))
    await bus.subscribe("bars.>", outside.on_bar)
    await bus.subscribe("orders.>", outside.on_order)
    with instance.services() as services:
        await asyncio.to_thread(_wait_until_finished, services)
        counts = await asyncio.to_thread(services.get, "risk", "/v1/verdicts/counts")
    await bus.close()
    refused: dict[str, int] = counts["refused"]
    return refused


def _wait_until_finished(services: Services) -> None:
    while not all(s["finished"] for s in services.get("market-data", "/v1/shards")["shards"]):
        time.sleep(2.0)
    time.sleep(2.0)  # the last spans are still on their way


def _traces(spans: list[CollectedSpan]) -> list[dict[str, CollectedSpan]]:
    """Return the first span of every kind of each trace, by name."""
    traces: dict[str, dict[str, CollectedSpan]] = defaultdict(dict)
    for span in sorted(spans, key=lambda span: span.start_ns):
        traces[span.trace_id].setdefault(span.name, span)
    return list(traces.values())


def _stamps(trace: dict[str, CollectedSpan]) -> Stamps | None:
    """Return an order's stamps, or None if the bar caused no order that was accepted."""
    names = {
        "signals": "signals handle Bar",
        "risk": "risk handle Signal",
        "execution": "execution handle Verdict",
    }
    published = trace.get("market-data publish Bar")
    replied = trace.get("execution handle Replied")
    if published is None or replied is None or not all(n in trace for n in names.values()):
        return None
    stamps = {
        "read": published.start_ns,
        "published": published.end_ns,
        "accepted": replied.start_ns,
        "working": replied.end_ns,
    }
    for service, name in names.items():
        span = trace[name]
        stamps[f"{service} received"] = span.start_ns
        stamps[f"{service} started"] = span.start_ns + span.attributes["tidegate.waited_ns"]
        stamps[f"{service} decided"] = span.end_ns - span.attributes["tidegate.commit_ns"]
        stamps[f"{service} committed"] = span.end_ns
    return stamps


def print_latency(latency: Latency, say: Callable[[str], None] = print) -> None:
    """Print the total and its steps."""
    busy = f"{latency.cpus_busy:.2f} by the instance, {latency.cpus_busy_of_others:.2f} by others"
    say(f"  processors busy meanwhile: {busy}")
    say(f"  {'step':<46} {'p50 us':>9} {'p90 us':>9} {'p99 us':>9}")
    for name, first, last in STEPS:
        _row(say, name, latency.quantiles(first, last))
    _row(say, "TOTAL: bar published to order accepted", latency.quantiles(*TOTAL))
    for name, first, last in AROUND:
        _row(say, name, latency.quantiles(first, last))
    outside = list(latency.outside_us)
    _row(
        say,
        "from outside: bar seen to WORKING seen",
        (quantile(outside, 0.5), quantile(outside, 0.9), quantile(outside, 0.99)),
    )


def _row(say: Callable[[str], None], name: str, values: tuple[float, float, float]) -> None:
    say(f"  {name:<46} {values[0]:>9.0f} {values[1]:>9.0f} {values[2]:>9.0f}")
