"""What each service's machine costs: the six services' machines in one process, without I/O.

Bars go round as the services' own configuration says: what a machine publishes is handed to every
machine that reads it, what it asks of the venue is put to the venue. Only `handle` is timed.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from pathlib import Path

from tests.benchmarks.measure import NS_PER_US, Figure, figure, timed
from tests.benchmarks.paced import paced_session, write_feed

from tidegate_chassis.configuration import SERVICE_NAMES, Configuration
from tidegate_chassis.host import topology
from tidegate_chassis.host.definition import ShardDefinition
from tidegate_chassis.host.ports import ShardPort
from tidegate_cli.deployment.topology import definitions_of
from tidegate_contracts import codec
from tidegate_contracts.market import Bar
from tidegate_kernel.machine import (
    Answer,
    Body,
    Called,
    CancelTimer,
    Event,
    Machine,
    Publish,
    Replied,
    Request,
    SetTimer,
    TermStarted,
    TimerFired,
)
from tidegate_kernel.money import use_money_context
from tidegate_market_data.__main__ import shards_of as feeds_of

BARS = 4_000
WARM_UP_BARS = 200


class Loop:
    """Every machine of a session, and what waits between them."""

    def __init__(self, definitions: list[ShardDefinition]) -> None:
        self.now_ns = 0
        self.samples: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        self.bodies: dict[str, Body] = {}
        self._machines: dict[str, Machine] = {}
        self._schemas: dict[str, frozenset[str]] = {}
        self._timers: dict[tuple[str, str], int] = {}
        self._calls: dict[str, tuple[str, Request]] = {}
        self._ports: dict[str, dict[str, str]] = {}
        self._waiting: deque[tuple[str, Event]] = deque()
        for each in definitions:
            self._machines[each.shard] = each.machine.restore(each.parameters, None)
            self._schemas[each.shard] = topology.schemas_read(each.reads)
            ports = each.ports.items()
            self._ports[each.shard] = {n: p.shard for n, p in ports if isinstance(p, ShardPort)}
            if getattr(each.machine, "follows_term", False):
                self._waiting.append((each.shard, TermStarted(1)))

    def command(self, shard: str, body: Body, at_ns: int) -> None:
        """Give a feed what its source has read, and play until nothing waits."""
        self.now_ns = at_ns
        due = sorted((at, key) for key, at in self._timers.items() if at <= at_ns)
        for at, key in due:
            del self._timers[key]
            self._waiting.append((key[0], TimerFired(key[1], at)))
        self._waiting.append((shard, body))
        while self._waiting:
            self._step(*self._waiting.popleft())

    def _step(self, shard: str, event: Event) -> None:
        started_ns = time.perf_counter_ns()
        effects = self._machines[shard].handle(event, self.now_ns)
        passed_us = (time.perf_counter_ns() - started_ns) / NS_PER_US
        said = [type(each.body).__name__ for each in effects if isinstance(each, Publish)]
        said += [type(each.body).__name__ for each in effects if isinstance(each, Request | Answer)]
        what = "+".join(dict.fromkeys(said)) or "nothing"
        self.samples[shard.partition("/")[0], _name(event), what].append(passed_us)
        for index, effect in enumerate(effects):
            if isinstance(effect, Publish | Request | Answer):
                self.bodies[type(effect.body).__name__] = effect.body
            if isinstance(effect, Publish):
                self._publish(effect.body)
            elif isinstance(effect, SetTimer):
                self._timers[shard, effect.name] = effect.at_ns
            elif isinstance(effect, CancelTimer):
                self._timers.pop((shard, effect.name), None)
            elif isinstance(effect, Request):
                call = f"{shard}:{len(self._calls)}.{index}"
                self._calls[call] = (shard, effect)
                self._waiting.append((self._ports[shard][effect.port], Called(call, effect.body)))
            elif isinstance(effect, Answer):
                asker, request = self._calls[effect.call_id]
                self._waiting.append((asker, Replied(request.port, request.body, effect.body)))

    def _publish(self, body: Body) -> None:
        schema = codec.schema_of(body)
        for shard, schemas in self._schemas.items():
            if schema in schemas:
                self._waiting.append((shard, body))


def _name(event: Event) -> str:
    if isinstance(event, Called):
        return type(event.body).__name__
    if isinstance(event, Replied):
        return type(event.answer).__name__
    return type(event).__name__


WANTED = (
    ("signals", "Bar", "nothing", "machine: signals, a bar that changes nothing"),
    ("risk", "Bar", "nothing", "machine: risk, a bar that changes nothing"),
    ("execution", "Bar", "nothing", "machine: execution, a bar that changes nothing"),
    ("venue", "Bar", "nothing", "machine: venue, a bar that changes nothing"),
    ("portfolio", "Bar", "nothing", "machine: portfolio, a bar that changes nothing"),
    ("signals", "Bar", "Signal", "machine: signals, Bar to Signal"),
    ("risk", "Signal", "Verdict", "machine: risk, Signal to Verdict"),
    (
        "execution",
        "Verdict",
        "OrderEvent+SubmitOrder",
        "machine: execution, Verdict to SubmitOrder",
    ),
    ("venue", "SubmitOrder", "OrderAccepted", "machine: venue, SubmitOrder to OrderAccepted"),
    ("execution", "OrderAccepted", "OrderEvent", "machine: execution, OrderAccepted to WORKING"),
)


ON_THE_PATH = ("Signal", "Verdict", "SubmitOrder", "OrderAccepted", "OrderEvent", "Fill")


def measure_machines(folder: Path) -> list[Figure]:
    """Let the paced session run in one process; return what `handle` took."""
    use_money_context()
    path = folder / "machines.csv"
    write_feed(path, BARS)
    configuration = Configuration(sessions=(paced_session(path, 1.0),))
    feed = feeds_of(configuration)[0]
    found = definitions_of(configuration)
    loop = Loop([feed, *(each for name in SERVICE_NAMES for each in found.get(name, []))])
    assert feed.source is not None, "a feed has a source"
    started_s = time.perf_counter()
    for count, batch in enumerate(feed.source.batches(0)):
        if count == WARM_UP_BARS:
            loop.samples.clear()
            started_s = time.perf_counter()
        loop.command(feed.shard, batch, getattr(batch, "instant_ns", loop.now_ns))
    passed_us = (time.perf_counter() - started_s) * 1e6
    bars = len(loop.samples["signals", Bar.__name__, "nothing"])
    bars += len(loop.samples["signals", Bar.__name__, "Signal"])
    figures = [_figure(loop, title, key) for *key, title in WANTED]
    figures.append(_fills(loop))
    figures += [_codec(loop.bodies[name]) for name in ON_THE_PATH]
    figures.append(figure("machines: all six services, for each bar", [passed_us / bars]))
    return [each for each in figures if each.p50_us]


def _figure(loop: Loop, title: str, key: list[str]) -> Figure:
    service, event, what = key
    return figure(title, loop.samples.get((service, event, what)) or [0.0])


def _codec(body: Body) -> Figure:
    schema = codec.schema_of(body)
    samples = timed(lambda: codec.decode(schema, codec.encode(body)), times=200, inner=50)
    return figure(f"codec: encode + decode of a {type(body).__name__}", samples)


def _fills(loop: Loop) -> Figure:
    """Return what booking a fill takes, whatever else the portfolio says with it."""
    samples = [
        sample
        for (service, event, _), found in loop.samples.items()
        if (service, event) == ("portfolio", "Fill")
        for sample in found
    ]
    return figure("machine: portfolio, Fill to ledger entries", samples or [0.0])
