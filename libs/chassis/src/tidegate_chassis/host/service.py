"""One process of one service: the composition of everything in this package.

1. Settings, logs, metrics, traces. 2. Postgres and NATS, waited for. 3. The service's shards,
each on its own task. 4. What the process does for all of them: leases, channel heads, resends.
5. HTTP. 6. On SIGTERM: shards finish what they hold, leave a snapshot and give their leases back.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
import uvloop

from tidegate_chassis.configuration.runtime import Runtime
from tidegate_chassis.database import open_pool
from tidegate_chassis.host.api import AppContext, serve_http
from tidegate_chassis.host.bus import Bus
from tidegate_chassis.host.chores import Chores
from tidegate_chassis.host.context import HostContext
from tidegate_chassis.host.definition import Project, ShardDefinition
from tidegate_chassis.host.feed import FeedShard
from tidegate_chassis.host.ports import LocalShards
from tidegate_chassis.host.rounds import RoundShard
from tidegate_chassis.host.tracer import Tracer
from tidegate_chassis.host.wall import WallShard
from tidegate_chassis.security.signing import Signer, Verifier
from tidegate_chassis.telemetry import configure_logs, make_tracing
from tidegate_contracts import codec
from tidegate_contracts.host import KeepTrace
from tidegate_kernel.money import use_money_context

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tidegate_chassis.configuration import Configuration
    from tidegate_chassis.host.shard import Shard

LOG = structlog.get_logger("service")
DATABASE_PATIENCE_S = 60.0
COLLECTOR_THRESHOLDS = (10_000, 20, 20)


@dataclass(frozen=True)
class Service:
    """What makes a service of this host."""

    name: str
    shards: Callable[[Configuration], list[ShardDefinition]]
    project: Project
    routes: Callable[[AppContext], APIRouter]
    # Starts what the service runs beside its shards; returns how to stop it.
    beside: Callable[[AppContext], Awaitable[Callable[[], None]]] | None = None
    # What keeps the service from being ready although its shards run; asked by every `/readyz`.
    not_ready: Callable[[AppContext], list[str]] | None = None


def run_service(service: Service) -> None:
    """Run until SIGTERM or SIGINT."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(service))


async def _run(service: Service) -> None:
    runtime = Runtime.from_environment(service.name)
    configure_logs(runtime.process, runtime)
    use_money_context()
    configuration = runtime.load_configuration()
    pool = await open_pool(runtime.database_url, service.name, patience_s=DATABASE_PATIENCE_S)
    bus = Bus(service.name, on_violation=lambda text: LOG.error("not permitted", error=text))
    await bus.connect(runtime.nats_url, runtime.nats_user, runtime.nats_password)
    context = HostContext(service.name, _holder(), pool, bus, LocalShards())
    context.project = service.project
    context.replicas = configuration.services.of(service.name).replicas
    if runtime.signing_key_file is not None:
        context.signer = Signer.load(runtime.signing_key_file)
    context.verifier = Verifier.load(runtime.verify_key_file)
    tracing = make_tracing(service.name, runtime, lambda trace: _announce(bus, trace))
    context.tracer = Tracer(service.name, tracing)
    shards = [
        make_shard(definition, context, index)
        for index, definition in enumerate(service.shards(configuration))
    ]
    for shard in shards:
        context.local.add(shard)
    app = AppContext(service.name, runtime, configuration, context)
    chores = Chores(context, tracing)
    await chores.start()
    stop_beside = await service.beside(app) if service.beside else None
    tasks = [asyncio.create_task(shard.run(), name=shard.definition.shard) for shard in shards]
    server = await serve_http(app, service.routes(app), service.not_ready)
    spare_the_collector()
    await _until_told()
    LOG.info("draining")
    await _drain(shards, tasks)
    if stop_beside is not None:
        stop_beside()
    await chores.stop()
    await server.stop()
    await bus.close()
    await pool.close()
    if tracing is not None:
        tracing.close()


def spare_the_collector() -> None:
    """Let garbage collection leave alone what the start has made, and come by less often.

    A collection of everything, modules and all, takes tens of milliseconds, in which no message
    is handled. Messages, rows and effects are structs that the collector does not track.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)


def make_shard(definition: ShardDefinition, context: HostContext, index: int) -> Shard:
    """Choose how a shard's inputs are timed."""
    if definition.source is not None:
        return FeedShard(definition, context, index)
    if definition.lockstep:
        return RoundShard(definition, context, index)
    return WallShard(definition, context, index)


async def _drain(shards: list[Shard], tasks: list[asyncio.Task[None]]) -> None:
    for shard in shards:
        await shard.drain()
    done, late = await asyncio.wait(tasks, timeout=5.0)
    for task in late:
        task.cancel()
    for shard in shards:
        try:
            await shard.leave()
        except Exception as error:  # noqa: BLE001 - leaving without a snapshot loses nothing
            LOG.warning("left without a snapshot", shard=shard.definition.shard, error=repr(error))
    LOG.info("drained", shards=len(done), late=len(late))


def _announce(bus: Bus, trace_id: bytes) -> None:
    """Tell every host that a trace is to be kept."""
    payload = codec.encode(KeepTrace(trace_id=trace_id))
    bus.publish("telemetry.keep", payload)


def _holder() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"


async def _until_told() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    await told.wait()
