"""The world of one simulated hour: six services in seven processes, databases, bus and venue."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from logging import CRITICAL
from random import Random
from typing import TYPE_CHECKING
from unittest.mock import patch

import msgspec
import structlog

from tidegate_alerts.config import settings_of
from tidegate_alerts.shards import shard_of as alerts_of
from tidegate_chassis.configuration.models import Configuration
from tidegate_chassis.host import crash, intake as host_intake, shard as host_shard, topology
from tidegate_chassis.host.wall import WallShard
from tidegate_contracts import codec, subjects
from tidegate_contracts.alerts import AlertDelivered, DeliverAlert
from tidegate_contracts.execution import OrderState, SubmitOrder
from tidegate_execution.adapters.heartbeats import Heartbeats
from tidegate_execution.core.exits.attached import MARKET
from tidegate_execution.core.exits.plan import STOP
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.core.orders.legs import is_uneven
from tidegate_execution.core.parameters import ExecutionParameters, VenueModel
from tidegate_execution.shards import orders_of, venue_of
from tidegate_lab.simulate import network, process
from tidegate_lab.simulate.clock import virtual_time
from tidegate_lab.simulate.database import Database
from tidegate_lab.simulate.execution import ExecutionProcess
from tidegate_lab.simulate.loop import RUNNING, Killed, VirtualLoop
from tidegate_lab.simulate.network import Server
from tidegate_lab.simulate.process import Process
from tidegate_lab.simulate.session import SPEED, Stutterer, dataset_of, session_of
from tidegate_lab.simulate.venue import (
    CONCLUSIVE_AFTER_S,
    Exchange,
    ForgetfulVenue,
    RemotePort,
    Sent,
    Way,
)
from tidegate_market_data.adapters.replay import ReplaySource
from tidegate_market_data.shards import shard_of as feed_of
from tidegate_portfolio.shards import shards_of as books_of
from tidegate_risk.shards import shards_of as risk_of
from tidegate_signals.shards import shards_of as signals_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_chassis.host.shard import Shard
    from tidegate_contracts.risk import Heartbeat
    from tidegate_kernel.machine import Body
    from tidegate_market_data.adapters.dataset import Dataset

SERVICES = ("market-data", "signals", "risk", "execution", "portfolio", "alerts")
SNAPSHOT_INPUTS = 120
"""Fewer inputs between snapshots than live, so that an hour holds many."""
STREAM_EVERY_S = 4.0
"""The stream's copies are read more often than live."""
TEND_S = 0.25
"""Looked after less often than live: nothing in an hour is impatient, and looking costs."""
RESTART_S = 0.4
"""How long a supervisor takes to start a process that has died."""


BETWEEN_LEGS, BETWEEN_ORDERS = "between_legs", "between_orders"
"""Crash points of the world's own: some legs of what a structure has filled are booked; an order
is being cancelled that another will replace.
"""
NO_EXITS, BRACKET, HELD, TOGETHER = "none", "bracket", "held", "together"
"""No protective exits; both at the venue; the stop held by execution as for a spot exchange; a stop
that is sent with its entry, as to Alpaca, where that is at the market.
"""
EXITS = (NO_EXITS, BRACKET, HELD)


class VenueKind(msgspec.Struct, frozen=True):
    """Which venue the hour trades at."""

    remote: bool
    ids_unique_for_ever: bool
    # What an entry that fills is protected with: NO_EXITS, BRACKET, HELD or TOGETHER.
    exits: str = "none"
    # Whether entries are sent in slices.
    sliced: bool = False
    # Whether a person trades structures of options beside them.
    legged: bool = False
    # Whether a person places orders by hand, replaces them and trails what they have filled.
    handed: bool = False


VENUES = (VenueKind(False, True), VenueKind(True, True), VenueKind(True, False))  # noqa: FBT003


class Kill(msgspec.Struct):
    """One use of the kill switch, and what was confirmed of it."""

    raised_at_s: float
    scope: str
    level: int
    # When risk's gate had it, when every path was told, when "KILLED" was shown; 0 = never.
    answered_at_s: float = 0.0
    confirmed_at_s: float = 0.0
    # From here on it may be lowered; when that was answered.
    lowering_s: float = 0.0
    lowered_at_s: float = 0.0
    # Orders in the scope that were open at the venue when "KILLED" was shown.
    left_open: tuple[str, ...] = ()


class People:
    """The port of alerts: everybody is reached."""

    repeat_safe = False

    async def call(self, request: Body, request_id: str) -> Body:
        """Deliver an alert."""
        assert isinstance(request, DeliverAlert), request_id
        return AlertDelivered(channel=request.channel, delivered=True)


class World:
    """Everything that exists in one simulated hour."""

    def __init__(self, seed: int, venue: VenueKind) -> None:
        """Make it; nothing runs yet."""
        self.seed = seed
        self.venue = venue
        self.loop = VirtualLoop()
        self.server = Server(self.loop, Random(f"{seed}:network"))
        self.databases = {
            name: Database(name, self.loop, Random(f"{seed}:{name}"))
            for name in (*SERVICES, "exchange")
        }
        self.way = Way()
        self.sent: list[Sent] = []
        # When risk's heartbeats came to execution, and to which of its lives.
        self.beats: list[tuple[float, int]] = []
        self.crashes = 0
        self.counts: Counter[str] = Counter()
        # Crash points to die at: process -> point -> visits left.
        self.armed: dict[str, dict[str, int]] = {}
        # (time, service) of databases that went back to a backup.
        self.restored: list[tuple[float, str]] = []
        self.kills: list[Kill] = []
        # By lowering request: the epoch at which who asked had seen the scope.
        self.seen_epochs: dict[str, int] = {}
        # When each client order id reached the venue first.
        self.landed: dict[str, float] = {}
        # Orders that landed later than the venue had promised, and when; the last landing of all.
        self.overdue: dict[str, float] = {}
        self.landings_until_s = 0.0
        # How many commands people have given.
        self.asked = 0
        # Set for a moment whenever somebody is about to replace an order.
        self.replacing = asyncio.Event()
        self.processes: dict[str, Process] = {}
        self._make_processes()

    # --- processes --------------------------------------------------------------------------------

    def _make_processes(self) -> None:
        definitions = definitions_of(self.venue)
        source = ReplaySource(_dataset_of(self.seed, self.venue))
        for name, service in _PROCESSES:
            kind = ExecutionProcess if service == "execution" else Process
            shards = definitions[service]
            if service == "market-data":
                shards = tuple(replace(each, source=source) for each in shards)
            self.processes[name] = kind(self, name, service, shards)
        if self.venue.remote:
            (venue,) = (each for each in definitions["execution"] if _is_venue(each))
            orders = tuple(each for each in definitions["execution"] if not _is_venue(each))
            port = RemotePort(self, venue.shard)
            self.processes["execution"].definitions = tuple(
                replace(each, ports={"venue": port}) for each in orders
            )
            far = replace(venue, machine=ForgetfulVenue)
            self.exchange = Exchange(self, "exchange", "execution", (far,))

    @property
    def elsewhere(self) -> tuple[Process, ...]:
        """What runs in the world outside: the venue, unless execution hosts it."""
        return (self.exchange,) if self.venue.remote else ()

    @property
    def execution(self) -> ExecutionProcess:
        """Execution's process."""
        found = self.processes["execution"]
        assert isinstance(found, ExecutionProcess)
        return found

    def replicas_of(self, service: str) -> int:
        """Return how many processes host a service's shards."""
        return sum(each == service for _, each in _PROCESSES)

    def start(self) -> None:
        """Start everything."""
        if self.venue.remote:
            self.exchange.start()
        for each in self.processes.values():
            each.start()

    def end(self) -> None:
        """End everything; nothing that is still under way has an effect any more."""
        for each in (*self.processes.values(), *self.elsewhere):
            each.incarnation.alive = False
        self.loop.forget()

    def crash(self, name: str) -> None:
        """Kill a process; its supervisor starts it again."""
        process = self.processes[name]
        if not process.alive:
            return
        self.crashes += 1
        process.kill()
        self.loop.at(self.loop.now_s + RESTART_S, None, process.start)

    def visit(self, point: str) -> None:
        """Come by a crash point of the host."""
        if not self.armed:
            return
        incarnation = RUNNING.get()
        if incarnation is None:
            return
        if not incarnation.alive:
            raise Killed
        points = self.armed.get(incarnation.name)
        if points and point == "after_commit":
            point = self._own_point(points) or point
        if not points or point not in points:
            return
        points[point] -= 1
        if points[point] <= 0:
            del points[point]
            self.counts[f"crash:{point}"] += 1
            self.crash(incarnation.name)
            raise Killed

    def _own_point(self, points: dict[str, int]) -> str:
        """Return the armed point of the world's own that execution has just come to, if any."""
        wanted = [each for each in (BETWEEN_LEGS, BETWEEN_ORDERS) if each in points]
        shard = self.execution.shard("execution/sim") if wanted else None
        if shard is None:
            return ""
        machine = shard.engine.machine
        assert isinstance(machine, ExecutionMachine)
        orders = machine._state.orders.values()
        reached = {
            BETWEEN_LEGS: any(o.specification.legs and is_uneven(o) for o in orders),
            BETWEEN_ORDERS: any(o.replaces and o.state == OrderState.PENDING for o in orders),
        }
        return next((each for each in wanted if reached[each]), "")

    def leader(self, shard: str) -> tuple[Process, Shard] | None:
        """Return the process that leads a shard, and the shard."""
        for each in self.processes.values():
            found = each.shard(shard)
            if found is not None and not each.incarnation.paused:
                return each, found
        return None

    def standby(self, shard: str) -> Process | None:
        """Return a process that runs and could lead a shard, but does not."""
        for each in self.processes.values():
            hosts = any(definition.shard == shard for definition in each.definitions)
            if hosts and each.context and not each.shard(shard) and not each.incarnation.paused:
                return each
        return None

    def venue_shard(self) -> Shard | None:
        """Return the venue's shard, wherever it is."""
        home = self.exchange if self.venue.remote else self.processes["execution"]
        return home.shard("venue/sim")

    # --- what is noted for the checkers -----------------------------------------------------------

    def note_landed(self, request: Body) -> None:
        """Remember that a submission has reached the venue."""
        if isinstance(request, SubmitOrder):
            self.landed.setdefault(request.specification.client_order_id, self.loop.now_s)

    def note_overdue(self, request: Body, at_s: float) -> None:
        """Remember that a submission lands later than it may."""
        if isinstance(request, SubmitOrder):
            self.overdue.setdefault(request.specification.client_order_id, at_s)

    def note_sent(self, request_id: str, request: Body) -> None:
        """Remember that a submission left execution."""
        if isinstance(request, SubmitOrder):
            life = self.execution.incarnation.number
            self.sent.append(Sent(self.loop.now_s, request_id, request, life))

    # --- the host, changed only where it meets the world ------------------------------------------

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Let the host run in this world."""
        world = self
        call_of_wall = WallShard.call
        take_heartbeat = Heartbeats.take

        async def call(
            shard: WallShard, call_id: str, body: Body, tag: tuple[int, int] | None
        ) -> tuple[Body, tuple[int, int]]:
            if _is_venue(shard.definition) and not world.venue.remote:
                world.note_sent(call_id, body)
                world.note_landed(body)
            return await call_of_wall(shard, call_id, body, tag)

        def take(heartbeats: Heartbeats, heartbeat: Heartbeat, received_at_ns: int) -> None:
            world.beats.append((world.loop.now_s, world.execution.incarnation.number))
            take_heartbeat(heartbeats, heartbeat, received_at_ns)

        with ExitStack() as stack:
            stack.enter_context(virtual_time(self.loop))
            for target, name, value in (
                (crash, "visit", self.visit),
                (host_shard, "core_version", process.version_once),
                (host_shard, "SNAPSHOT_INPUTS", SNAPSHOT_INPUTS),
                (host_shard, "TEND_S", TEND_S),
                (host_intake, "STREAM_EVERY_S", STREAM_EVERY_S),
                (WallShard, "call", call),
                (Heartbeats, "take", take),
                (codec, "decode", _remembering(codec.decode)),
            ):
                stack.enter_context(patch.object(target, name, value))
            stack.enter_context(_quiet_logs())
            yield


@contextmanager
def _quiet_logs() -> Iterator[None]:
    """Write no logs: a simulated hour restarts everything many times."""
    kept = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    try:
        yield
    finally:
        structlog.configure(wrapper_class=kept)


_PROCESSES = (
    ("market-data", "market-data"),
    ("signals", "signals"),
    ("risk-a", "risk"),
    ("risk-b", "risk"),
    ("execution", "execution"),
    ("portfolio", "portfolio"),
    ("alerts", "alerts"),
)


def _dataset_of(seed: int, venue: VenueKind) -> Dataset:
    """Return the bars of an hour; only whole units are sent with their exits."""
    return dataset_of(seed, legged=venue.legged, whole=venue.exits == TOGETHER)


def _is_venue(definition: ShardDefinition) -> bool:
    return definition.shard.startswith("venue/")


@cache
def definitions_of(venue: VenueKind) -> dict[str, tuple[ShardDefinition, ...]]:
    """Return the shards of every service, as the services declare them."""
    session = session_of(
        ids_unique_for_ever=venue.ids_unique_for_ever,
        protected=venue.exits != NO_EXITS,
        sliced=venue.sliced,
        legged=venue.legged,
    )
    configuration = Configuration(sessions=(session,))
    orders = orders_of(session)
    parameters = orders.parameters
    assert isinstance(parameters, ExecutionParameters)
    if venue.remote:
        model = VenueModel(venue.ids_unique_for_ever, int(CONCLUSIVE_AFTER_S * SPEED * 1e9))
        parameters = msgspec.structs.replace(parameters, venue_model=model)
    if venue.exits == HELD:
        parameters = msgspec.structs.replace(parameters, venue="ccxt", spot=False)
    if venue.exits == TOGETHER:
        parameters = msgspec.structs.replace(
            parameters, venue="alpaca", protective_exits=STOP, native_entries=MARKET
        )
    orders = replace(orders, parameters=parameters)
    found = {
        "market-data": (feed_of(session, _dataset_of(0, venue)),),
        "signals": tuple(replace(s, machine=Stutterer) for s in signals_of(configuration)),
        "risk": tuple(risk_of(configuration)),
        "execution": (venue_of(session), orders),
        "portfolio": tuple(books_of(configuration)),
        "alerts": (alerts_of(settings_of({}), session, People()),),
    }
    for definition in (each for shards in found.values() for each in shards):
        reads = topology.whole_channels(definition.reads)
        durable = subjects.durable_name(definition.shard)
        network.DURABLES[durable] = subjects.streams_of(reads)
    return found


def _remembering(decode: Callable[[str, bytes], Body]) -> Callable[[str, bytes], Body]:
    """Read equal bytes once: many processes of the world read them, and none can change them."""
    known: defaultdict[str, dict[bytes, Body]] = defaultdict(dict)

    def remembered(schema: str, payload: bytes) -> Body:
        bodies = known[schema]
        body = bodies.get(payload)
        if body is None:
            body = bodies[payload] = decode(schema, payload)
        return body

    return remembered
