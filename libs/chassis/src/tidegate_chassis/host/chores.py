"""What a process does for all of its shards.

Leases, heads, resends, rounds, kept traces, commands that other replicas were given.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

from tidegate_chassis.host import meter, topology
from tidegate_chassis.host.errors import LeaseLost
from tidegate_chassis.host.forwarding import Forwarded
from tidegate_chassis.host.journal import LEASE_S, renew
from tidegate_chassis.host.lane import command_of
from tidegate_chassis.host.outbox import headers_of
from tidegate_chassis.host.rounds import RoundShard
from tidegate_contracts import codec
from tidegate_contracts.host import ChannelHeads, ChannelPosition, KeepTrace, Resend

if TYPE_CHECKING:
    from nats.aio.msg import Msg

    from tidegate_chassis.host.context import HostContext
    from tidegate_chassis.telemetry.tracing import Tracing

LOG = structlog.get_logger("chores")
RENEW_S = 0.3
HEADS_S = 1.0
RESEND_MAX = 2_000


class Chores:
    """The tasks and subscriptions of one process."""

    def __init__(self, context: HostContext, tracing: Tracing | None) -> None:
        """Start nothing yet."""
        self._context = context
        self._tracing = tracing
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Subscribe and begin."""
        bus = self._context.bus
        await bus.subscribe(f"resend.{self._context.service}", self._on_resend)
        for producer in self._producers():
            await bus.subscribe(f"heads.{producer}", self._on_heads)
        for shard in self._context.local.all():
            if isinstance(shard, RoundShard):
                await bus.listen(f"rounds.{shard.definition.session}.open", shard.on_open)
        if self._tracing is not None:
            await bus.subscribe("telemetry.keep", self._on_keep)
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._renew()), loop.create_task(self._heads())]
        if self._context.replicas > 1:
            self._tasks.append(loop.create_task(self._answer_forwarded()))

    def _producers(self) -> list[str]:
        """Return the services whose channels the shards of this process read."""
        services = {
            topology.service_of_channel(channel)
            for shard in self._context.local.all()
            for channel in topology.producers_of(shard.definition.reads)
        }
        return sorted(services)

    async def stop(self) -> None:
        """End the tasks."""
        for task in self._tasks:
            task.cancel()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            held = {name: shard.term for name, shard in self._context.leases.items()}
            if not held:
                continue
            started_s = time.monotonic()
            try:
                kept = await renew(self._context.pool, held)
            except Exception as error:  # noqa: BLE001 - the host's loop: the lease runs out
                LOG.warning("lease not renewed", error=repr(error))
                continue
            for name, term in held.items():
                shard = self._context.leases.get(name)
                if shard is None or shard.term != term:
                    continue
                if name in kept:
                    shard.lease_until_s = started_s + LEASE_S
                else:
                    shard.fail(LeaseLost(f"shard {name}: another process leads it now"))

    async def _answer_forwarded(self) -> None:
        forwarded = Forwarded(self._context)
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await forwarded.look()
            except Exception as error:  # noqa: BLE001 - the host's loop: looked at again
                LOG.warning("forwarded commands not read", error=repr(error))

    async def _heads(self) -> None:
        while True:
            await asyncio.sleep(HEADS_S)
            meter.state(self._context.local.all())
            for shard in self._context.local.all():
                if not shard.running:
                    continue
                heads = shard.engine.books.heads
                body = ChannelHeads(
                    shard=shard.definition.shard,
                    term=shard.term,
                    heads=tuple(ChannelPosition(channel=c, k=k) for c, (k, _) in heads.items()),
                    sent_at_ns=shard.clock.now(),
                )
                subject = f"heads.{self._context.service}"
                self._context.bus.publish(subject, codec.encode(body))

    async def _on_heads(self, message: Msg) -> None:
        heads = codec.decode_as(ChannelHeads, message.data)
        for shard in self._context.local.all():
            if not shard.running or heads.shard == shard.definition.shard:
                continue
            shard.intake.heads(heads)
            if heads.shard.startswith("market-data/") and topology.reads_channel(
                shard.definition.reads, heads.shard
            ):
                shard.clock.follow(heads.sent_at_ns)

    async def _on_resend(self, message: Msg) -> None:
        wanted = codec.decode_as(Resend, message.data)
        shard = self._context.local.get(wanted.channel)
        if shard is None or not shard.running:
            return
        rows = await shard.journal.resend(wanted.channel, wanted.from_k, RESEND_MAX)
        self._context.bus.publish_all(
            [command_of(r.subject, r.payload, headers_of(r.headers), "") for r in rows]
        )

    async def _on_keep(self, message: Msg) -> None:
        if self._tracing is not None:
            self._tracing.keep(codec.decode_as(KeepTrace, message.data).trace_id, announce=False)
