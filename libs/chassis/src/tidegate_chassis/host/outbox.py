"""Publishing what is committed until the stream has it.

Each message goes out once on core NATS, where readers and the stream pick it up, many of them as
a batch; the stream's acknowledgement comes back to an inbox of ours. What is not acknowledged in
time goes out again: readers recognise it. It then comes after later messages in the stream, so it
says how far its channel had been said: whoever looks at the stream's end must not take the channel
for shorter than it is. Up to where the stream is known to hold a channel is remembered lazily.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec
import structlog

from tidegate_chassis.host import crash
from tidegate_chassis.host.batches import BATCH_MIN, batch_headers, batch_identity, in_batches
from tidegate_chassis.host.envelope import HEAD_HEADER, HEADER, SIGNATURE_HEADER, TRACE_HEADER
from tidegate_chassis.host.lane import command_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_chassis.host.bus import Bus
    from tidegate_chassis.host.journal import Journal, OutboxRow
    from tidegate_chassis.host.lane import Heard

LOG = structlog.get_logger("outbox")
RETRY_S = 2.0
ROWS_MAX = 10_000
MARK_EVERY_S = 1.0
_ANSWER = msgspec.json.Decoder(dict[str, object]).decode
Place = tuple[int, int]
"""A channel's index in this outbox, and k."""


def header_lines(envelope: str, traceparent: str, signature: str) -> str:
    """Write the headers of a message as the outbox keeps them."""
    return f"{envelope}\n{traceparent}\n{signature}"


def headers_of(lines: str) -> dict[str, str]:
    """Read the headers of a message as NATS takes them."""
    envelope, traceparent, signature = lines.split("\n")
    headers = {HEADER: envelope}
    if traceparent:
        headers[TRACE_HEADER] = traceparent
    if signature:
        headers[SIGNATURE_HEADER] = signature
    return headers


class Outbox:
    """Publishes one shard's committed messages."""

    def __init__(self, bus: Bus, journal: Journal, index: int) -> None:
        """``index`` keeps the acknowledgements of this process's shards apart."""
        self._bus = bus
        self._journal = journal
        # Replicas share their prefix: a term belongs to one of them.
        self._reply = bus.inbox(f"ack.{index}.{journal.term}")
        self._channels: list[str] = []
        # (first sent, last sent, message) by (channel's index, k)
        self._open: dict[Place, tuple[float, float, OutboxRow]] = {}
        # What is stored when the last message of a batch is acknowledged.
        self._batches: dict[Place, list[Place]] = {}
        self._batch_count = 0
        self._sent: dict[int, int] = {}
        self._marked: dict[str, int] = {}
        self._next_mark_s = 0.0
        self.failures = 0

    async def start(self) -> None:
        """Listen for acknowledgements, and publish what an earlier process left."""
        await self._bus.listen(f"{self._reply}.>", self._on_ack)
        self.publish(await self._journal.unmarked(), again=True)

    def stop(self) -> None:
        """Hear no more acknowledgements."""
        ending = self._bus.unlisten(f"{self._reply}.>", self._on_ack)
        asyncio.ensure_future(ending)  # noqa: RUF006 - fire and forget

    def publish(self, rows: list[OutboxRow], *, again: bool = False) -> None:
        """Publish committed messages in order; ``again``: the stream may hold some of them."""
        if not rows:
            return
        crash.visit("before_publish")
        now_s = time.monotonic()
        commands: list[bytes] = []
        opened = iter([self._opened(row, now_s) for row in rows])
        for run in in_batches(rows):
            places = [next(opened) for _ in run]
            if len(run) < BATCH_MIN:
                pairs = zip(places, run, strict=True)
                commands += [self._command(place, row, again=again) for place, row in pairs]
            else:
                commands += self._batch(places, run, again=again)
        self._bus.publish_all(commands)
        crash.visit("after_publish")

    def _opened(self, row: OutboxRow, now_s: float) -> Place:
        if row.channel not in self._channels:
            self._channels.append(row.channel)
        place = (self._channels.index(row.channel), row.k)
        self._open[place] = (now_s, now_s, row)
        self._sent[place[0]] = max(self._sent.get(place[0], 0), row.k)
        return place

    def _command(self, place: Place, row: OutboxRow, *, again: bool) -> bytes:
        headers = headers_of(row.headers) | (self._head_of(place) if again else {})
        return command_of(row.subject, row.payload, headers, self._reply_to(place))

    def _head_of(self, place: Place) -> dict[str, str]:
        """Return the header that tells how far a channel was said, if further than a message."""
        channel, k = place
        return {HEAD_HEADER: str(self._sent[channel])} if self._sent[channel] > k else {}

    def _reply_to(self, place: Place) -> str:
        return f"{self._reply}.{place[0]}.{place[1]}"

    def _batch(self, places: list[Place], rows: Sequence[OutboxRow], *, again: bool) -> list[bytes]:
        """Return the messages of a batch; the last one is acknowledged for all of them."""
        self._batch_count += 1
        identity = batch_identity(self._journal.shard, self._journal.term, self._batch_count)
        last, head = len(rows), self._head_of(places[-1]) if again else {}
        self._batches[places[-1]] = places
        return [
            command_of(
                row.subject,
                row.payload,
                headers_of(row.headers)
                | batch_headers(identity, number, is_last=number == last)
                | (head if number == last else {}),
                self._reply_to(places[-1]) if number == last else "",
            )
            for number, row in enumerate(rows, start=1)
        ]

    def _on_ack(self, message: Heard) -> None:
        channel, _, k = message.subject.removeprefix(f"{self._reply}.").partition(".")
        place = (int(channel), int(k))
        batch = self._batches.pop(place, ())
        answer = _ANSWER(message.data) if message.data else {"error": "no stream answered"}
        if "error" in answer:
            self.failures += 1
            LOG.error("stream refused a message", answer=str(answer["error"]), k=k)
            return
        for stored in batch:
            self._open.pop(stored, None)
        self._open.pop(place, None)

    @property
    def open_count(self) -> int:
        """Return how many messages the stream has not acknowledged."""
        return len(self._open)

    def oldest_s(self) -> float:
        """Return how long the oldest message has waited for the stream, in seconds."""
        if not self._open:
            return 0.0
        return time.monotonic() - next(iter(self._open.values()))[0]

    @property
    def blocked(self) -> bool:
        """Tell whether the stream is so far behind that nothing risky may be decided."""
        return self.open_count >= ROWS_MAX or self.oldest_s() > RETRY_S

    async def tend(self) -> None:
        """Publish again what is overdue, and remember what is safe; called all the time."""
        now_s = time.monotonic()
        overdue = [p for p, (_, sent_s, _) in self._open.items() if now_s - sent_s > RETRY_S]
        if overdue and self._bus.connected:
            commands = []
            for place in overdue[:500]:
                first_s, _, row = self._open[place]
                self._open[place] = (first_s, now_s, row)
                commands.append(self._command(place, row, again=True))
            self._bus.publish_all(commands)
        if now_s < self._next_mark_s:
            return
        self._next_mark_s = now_s + MARK_EVERY_S
        marks = self._safe()
        fresh = {c: k for c, k in marks.items() if self._marked.get(c, 0) < k}
        if fresh:
            await self._journal.mark(fresh)
            self._marked.update(fresh)

    def _safe(self) -> dict[str, int]:
        lowest: dict[int, int] = {}
        for channel, k in self._open:
            lowest[channel] = min(lowest.get(channel, k), k)
        return {
            self._channels[channel]: lowest.get(channel, sent + 1) - 1
            for channel, sent in self._sent.items()
        }
