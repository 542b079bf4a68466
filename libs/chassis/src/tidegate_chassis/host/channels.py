"""Reading: every channel in its own order, the fast lane and the stream made one.

A message is offered twice: as the core NATS copy at once, and later as the stream's copy. The
reader keeps a cursor per channel; what was seen is recognised, what comes early is held until
the messages before it have come. The chain of hashes makes a fork visible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.host.envelope import NO_HASH, Envelope, chain_hash, place, unpack
from tidegate_chassis.host.errors import ChannelBroken
from tidegate_chassis.host.inputs import Input, InputKind, Skipped
from tidegate_contracts import codec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HELD_MAX = 200_000


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """A message as it came from the bus."""

    envelope: Envelope
    payload: bytes
    traceparent: str
    received_ns: int


class ChannelReader:
    """Puts a shard's messages into the order of their channels."""

    def __init__(
        self,
        cursors: dict[str, tuple[int, bytes]],
        schemas: frozenset[str],
        deliver: Callable[[Input], None],
    ) -> None:
        """``cursors``: how far each channel was read before; ``deliver`` gets what is next.

        Only messages of the ``schemas`` are delivered; the others count and are dropped.
        """
        self._schemas = schemas
        self._cursors = dict(cursors)
        self._deliver = deliver
        # The last message of each channel that was delivered; the reader may be further.
        self._delivered: dict[str, int] = {}
        self._held: dict[str, dict[int, Arrival]] = {}
        self._gap_since: dict[str, float] = {}

    def knows(self, header: str) -> bool:
        """Tell whether a message was delivered already, from its header alone."""
        channel, k = place(header)
        return k <= self._cursors.get(channel, (0, NO_HASH))[0]

    def position(self, channel: str) -> int:
        """Return how far a channel was delivered."""
        return self._cursors.get(channel, (0, NO_HASH))[0]

    def offer(self, header: str, payload: bytes, traceparent: str, received_ns: int) -> bool:
        """Take a copy of a message; deliver it and all that waited for it, in order.

        Tells whether messages of its channel still wait for an earlier one.
        """
        envelope = unpack(header)
        channel, k = envelope.channel, envelope.k
        seen = self.position(channel)
        if k <= seen:
            return False
        arrival = Arrival(envelope, payload, traceparent, received_ns)
        held = self._held.get(channel)
        if k > seen + 1:
            if held is None:
                held = self._held[channel] = {}
            if len(held) < HELD_MAX:
                held.setdefault(k, arrival)
            return True
        self._accept(channel, arrival)
        if not held:
            return False
        while (after := held.pop(self.position(channel) + 1, None)) is not None:
            self._accept(channel, after)
        if not held:
            self._gap_since.pop(channel, None)
        return bool(held)

    def _accept(self, channel: str, arrival: Arrival) -> None:
        envelope = arrival.envelope
        _, chain = self._cursors.get(channel, (0, NO_HASH))
        if envelope.previous_hash != chain:
            message = (
                f"channel {channel} at k={envelope.k}: expected to follow {chain.hex()}, found "
                f"{envelope.previous_hash.hex()}: two histories claim one place; nothing is read "
                "from it until database and stream are restored from one moment"
            )
            raise ChannelBroken(message)
        chain = chain_hash(chain, envelope.schema, arrival.payload)
        self._cursors[channel] = (envelope.k, chain)
        if envelope.schema not in self._schemas:
            return
        self._delivered[channel] = envelope.k
        self._deliver(
            Input(
                InputKind.MESSAGE,
                codec.decode(envelope.schema, arrival.payload),
                channel=channel,
                k=envelope.k,
                chain=chain,
                message_id=envelope.message_id,
                correlation_id=envelope.correlation_id or envelope.message_id,
                depends=envelope.depends,
                traceparent=arrival.traceparent,
                received_ns=arrival.received_ns,
                decided_ns=envelope.at_ns,
                payload=arrival.payload,
            )
        )

    def skipped(self, taken: Mapping[str, tuple[int, bytes]]) -> list[Input]:
        """Return how far channels were read beyond what was ``taken``, by name.

        Only channels of which everything delivered is taken: what else was read of them was for
        others, and there is nothing left of it.
        """
        found: list[Input] = []
        for channel, (k, chain) in sorted(self._cursors.items()):
            handled = taken.get(channel, (0, NO_HASH))[0]
            if k > handled >= self._delivered.get(channel, 0):
                item = Input(InputKind.SKIPPED, Skipped(), channel=channel, k=k, chain=chain)
                found.append(item)
        return found

    def gaps(self, now_s: float, patience_s: float) -> list[tuple[str, int]]:
        """Return (channel, first missing k) of gaps that are older than the patience."""
        overdue = []
        for channel, held in self._held.items():
            if not held:
                continue
            since = self._gap_since.setdefault(channel, now_s)
            if now_s - since >= patience_s:
                self._gap_since[channel] = now_s
                overdue.append((channel, self.position(channel) + 1))
        return overdue
