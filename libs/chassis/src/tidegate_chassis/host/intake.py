"""A shard's ears: the fast lane, the stream behind it, heads, and asking again.

The stream is read through the durable consumer that the deploy job made for this shard, once in
a while and much at a time; at once when the fast lane has a gap. A stream's message is
acknowledged only when it and all before it are journalled.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

import nats
import structlog

from tidegate_chassis.host import crash, topology
from tidegate_chassis.host.envelope import HEADER, SIGNATURE_HEADER, TRACE_HEADER, place
from tidegate_chassis.host.timing import wall_ns
from tidegate_chassis.telemetry import PROCESS, names
from tidegate_contracts import codec, subjects
from tidegate_contracts.host import ChannelHeads, Resend

if TYPE_CHECKING:
    from nats.aio.msg import Msg

    from tidegate_chassis.host.lane import Heard
    from tidegate_chassis.host.shard import Shard

LOG = structlog.get_logger("intake")
GAP_PATIENCE_S = 2.0
FETCH = 1_024
FETCH_WAIT_S = 0.1
# nats-server writes and syncs a consumer's state with every fetch and acknowledgement, on the disk
# that the journals wait for.
STREAM_EVERY_S = 10.0


class Intake:
    """Everything that one shard hears."""

    def __init__(self, shard: Shard) -> None:
        """Start nothing yet."""
        self._shard = shard
        self._subjects: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._heads: dict[str, tuple[int, float]] = {}
        self._gap = asyncio.Event()

    async def start(self) -> None:
        """Listen to the declared subjects, live and from the stream."""
        for subject in topology.whole_channels(self._shard.definition.reads):
            await self._shard.context.bus.listen(subject, self._on_message)
            self._subjects.append(subject)
        self._ask_for_what_was_missed()
        loop = asyncio.get_running_loop()
        for stream in subjects.streams_of(topology.whole_channels(self._shard.definition.reads)):
            self._tasks.append(loop.create_task(self._read_stream(stream)))

    def _ask_for_what_was_missed(self) -> None:
        """Ask every producer to go on from here: the stream would only repeat itself later."""
        for channel in topology.producers_of(self._shard.definition.reads):
            if "*" not in channel:
                self._ask_again(channel, self._shard.reader.position(channel) + 1)

    def _ask_again(self, channel: str, from_k: int) -> None:
        payload = codec.encode(Resend(channel=channel, from_k=from_k))
        subject = f"resend.{topology.service_of_channel(channel)}"
        self._shard.context.bus.publish(subject, payload)

    def stop(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        bus = self._shard.context.bus
        for subject in self._subjects:
            asyncio.ensure_future(bus.unlisten(subject, self._on_message))  # noqa: RUF006 - fire and forget
        self._subjects.clear()

    def _on_message(self, message: Heard) -> None:
        try:
            self._offer(message)
        except Exception as error:  # noqa: BLE001 - the host's loop
            self._shard.fail(error)

    def _offer(self, message: Heard | Msg) -> None:
        headers = message.headers
        if not headers or HEADER not in headers:
            LOG.warning("message without envelope", subject=message.subject)
            PROCESS.count(names.MESSAGES_REFUSED, ("envelope",))
            return
        header = headers[HEADER]
        if self._shard.reader.knows(header):
            return
        schema = header.split(" ", 5)[4]
        if schema in topology.SIGNED_SCHEMAS and not self._shard.context.verify(
            header, message.data, headers.get(SIGNATURE_HEADER, "")
        ):
            LOG.error("signature does not fit; message ignored", subject=message.subject)
            PROCESS.count(names.MESSAGES_REFUSED, ("signature",))
            return
        trace = headers.get(TRACE_HEADER, "")
        if self._shard.reader.offer(header, message.data, trace, wall_ns()):
            self._gap.set()
        self._shard.moved()

    async def _read_stream(self, stream: str) -> None:
        """Follow the stream's copies; whatever the connection does, go on."""
        durable = subjects.durable_name(self._shard.definition.shard)
        waiting: deque[tuple[Msg, str, int]] = deque()
        while True:
            try:
                consumer = await self._shard.context.bus.client.jetstream().pull_subscribe_bind(
                    durable, stream=stream, pending_msgs_limit=-1, pending_bytes_limit=-1
                )
                while True:
                    more = await self._fetch(consumer, waiting)
                    await self._acknowledge(waiting)
                    if not more:
                        await self._pause()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - the host's loop
                LOG.warning("stream not readable", stream=stream, error=repr(error))
                waiting.clear()
                await asyncio.sleep(0.5)

    async def _pause(self) -> None:
        """Leave the stream alone for a while, unless the fast lane has a gap."""
        loop = asyncio.get_running_loop()
        timer = loop.call_later(STREAM_EVERY_S, self._gap.set)
        try:
            await self._gap.wait()
        finally:
            timer.cancel()
        self._gap.clear()

    async def _fetch(self, consumer: object, waiting: deque[tuple[Msg, str, int]]) -> bool:
        """Take what the stream holds; tell whether it may hold more."""
        try:
            messages = await consumer.fetch(FETCH, timeout=FETCH_WAIT_S)  # type: ignore[attr-defined]
        except (TimeoutError, nats.errors.TimeoutError):
            return False
        for message in messages:
            if message.headers and HEADER in message.headers:
                self._offer(message)
                waiting.append((message, *place(message.headers[HEADER])))
            else:
                await message.ack()
        return len(messages) >= FETCH

    async def _acknowledge(self, waiting: deque[tuple[Msg, str, int]]) -> None:
        last: Msg | None = None
        while waiting and self._shard.committed(waiting[0][1]) >= waiting[0][2]:
            last = waiting.popleft()[0]
        if last is not None:
            crash.visit("before_acknowledge")
            await last.ack()
            crash.visit("after_acknowledge")

    def heads(self, heads: ChannelHeads) -> None:
        """Learn how far producers are, so that a lost tail shows."""
        for head in heads.heads:
            if not topology.reads_channel(self._shard.definition.reads, head.channel):
                continue
            known = self._heads.get(head.channel)
            if known is None or known[0] != head.k:
                self._heads[head.channel] = (head.k, time.monotonic())

    def tend(self) -> None:
        """Ask producers again for what is missing for too long."""
        now_s = time.monotonic()
        reader = self._shard.reader
        missing = dict(reader.gaps(now_s, GAP_PATIENCE_S))
        for channel, (k, since_s) in self._heads.items():
            if reader.position(channel) < k and now_s - since_s > GAP_PATIENCE_S:
                missing.setdefault(channel, reader.position(channel) + 1)
                self._heads[channel] = (k, now_s)
        if missing:
            self._gap.set()
        for channel, from_k in missing.items():
            LOG.info("asking the producer again", channel=channel, k=from_k)
            self._ask_again(channel, from_k)
