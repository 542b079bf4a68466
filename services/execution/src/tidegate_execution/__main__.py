"""The execution service: each session's shard of orders, with its venue: paper, or a real one."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.configuration.home import Layout
from tidegate_chassis.host.lag import LagWatch, watched
from tidegate_chassis.host.service import Service, run_service
from tidegate_chassis.security.principals import Principals
from tidegate_chassis.venues.errors import Misconfigured
from tidegate_contracts.host import KillNotice
from tidegate_execution.adapters.guard import Guard
from tidegate_execution.adapters.handover import Handover
from tidegate_execution.adapters.heartbeats import Heartbeats
from tidegate_execution.adapters.hosted import Hosted
from tidegate_execution.adapters.http import ExecutionRoutes
from tidegate_execution.adapters.kill_flags import KillFlags
from tidegate_execution.adapters.kill_switch import Authority, KillSwitch
from tidegate_execution.adapters.kill_thread import KillThread, Server
from tidegate_execution.adapters.projection import project
from tidegate_execution.adapters.quality import QualityBoard
from tidegate_execution.adapters.readiness import not_reconciled, not_shared
from tidegate_execution.adapters.real_venues import Desk, RealVenue, real_venue
from tidegate_execution.adapters.session_port import SessionPort
from tidegate_execution.config import venue_settings_of
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.shards import shards_of as unguarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_chassis.configuration.models import Configuration
    from tidegate_chassis.host.api import AppContext
    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_chassis.venues.budget import Budget
    from tidegate_contracts.risk import RaiseGate

LOG = structlog.get_logger("execution")
FLAGS = KillFlags()
HEARTBEATS = Heartbeats()
ROUTES = ExecutionRoutes(FLAGS)
MEASURE_S = 1.0
QUALITY_EVERY_S = 15.0
MISUSED = 2
BUDGETS: list[Budget] = []
LEASES: dict[str, Callable[[], float]] = {}


def shards_of(configuration: Configuration) -> list[ShardDefinition]:
    """Return the shards of each session; those with requests have a guard."""
    shards = unguarded(configuration)
    return [_guarded(each, configuration) if each.ports else each for each in shards]


def _guarded(shard: ShardDefinition, configuration: Configuration) -> ShardDefinition:
    session = configuration.session(shard.session)
    guard = Guard(session.name, session.account, shard.lockstep, FLAGS, HEARTBEATS, _holds_lease)
    return replace(shard, guard=guard)


def _holds_lease(shard: str) -> bool:
    until_s = LEASES.get(shard)
    return until_s is not None and time.monotonic() < until_s()


async def beside(app: AppContext) -> Callable[[], None]:
    """Load the flags before any shard runs, then listen for kills and heartbeats."""
    FLAGS.load(Layout(app.runtime.instance_folder).data / "execution" / "kill.json")
    shards = _hosted(app)
    desks = [Desk(shard, venue) for shard, venue in await _opened(app, shards)]
    LEASES.update({shard.name: shard.lease_until_s for shard in shards})
    handover = Handover(FLAGS, shards)
    principals = Principals.load(app.runtime.secrets_folder)
    authority = Authority(principals.name_of, app.host.verify)
    switch = KillSwitch(FLAGS, HEARTBEATS, authority, handover.hand_over)
    switch.attach(asyncio.get_running_loop())
    sessions = app.configuration.sessions
    board = QualityBoard({each.name: venue_settings_of(each).slippage_bps for each in sessions})
    ROUTES.attach(switch, handover, board)
    server = Server(app.runtime.nats_url, app.runtime.nats_user, app.runtime.nats_password)
    thread = KillThread(switch, server)
    thread.start()

    async def raise_gate(command: RaiseGate) -> None:
        notice = KillNotice(scope=command.scope, level=command.level, reason=command.reason)
        switch.throw(notice, command.principal, "lag")

    for desk in desks:
        desk.begin()
    lag = LagWatch(watched(app.shards), raise_gate)
    tasks = [
        asyncio.create_task(handover.watch()),
        asyncio.create_task(lag.watch(app.service)),
        asyncio.create_task(_measure([shard.session for shard in shards])),
        asyncio.create_task(_measure_quality(board, app)),
    ]

    def stop() -> None:
        for task in tasks:
            task.cancel()
        for desk in desks:
            desk.end()
        thread.stop()

    return stop


async def _opened(app: AppContext, shards: list[Hosted]) -> list[tuple[Hosted, RealVenue]]:
    """Open the sessions' real venues; one that must not be traded at ends the process with 2."""
    environment = Environment.beside(app.runtime.configuration_path, os.environ)
    opened = []
    for shard in shards:
        port = shard.venue_port
        if not isinstance(port, SessionPort):
            continue
        session = app.configuration.session(shard.session)
        try:
            venue = real_venue(session, environment, shard.guard)
            await venue.open()
        except Misconfigured as error:
            sys.stderr.write(f"session {session.name}: {error}\n")
            raise SystemExit(MISUSED) from None
        port.inner = venue.port
        BUDGETS.append(venue.budget)
        opened.append((shard, venue))
    return opened


async def _measure(sessions: list[str]) -> None:
    """Keep the gauges of risk's heartbeat true."""
    while True:
        for session in sessions:
            HEARTBEATS.measure(session, time.time_ns())
        await asyncio.sleep(MEASURE_S)


async def _measure_quality(board: QualityBoard, app: AppContext) -> None:
    """Keep the gauges of execution quality true; a database that does not answer costs a round."""
    while True:
        await asyncio.sleep(QUALITY_EVERY_S)
        try:
            await board.refresh(app.projections)
        except Exception as error:  # noqa: BLE001 - measuring must not end for ever
            LOG.warning("quality is not measured", error=repr(error))
        else:
            board.measure()


def not_ready(app: AppContext) -> list[str]:
    """Return why the process is not ready although its shards run."""
    return not_reconciled(_hosted(app)) + not_shared(BUDGETS)


def _hosted(app: AppContext) -> list[Hosted]:
    return [Hosted(shard) for shard in app.shards if shard.definition.machine is ExecutionMachine]


SERVICE = Service(
    name="execution",
    shards=shards_of,
    project=project,
    routes=ROUTES.routes,
    beside=beside,
    not_ready=not_ready,
)

if __name__ == "__main__":
    run_service(SERVICE)
