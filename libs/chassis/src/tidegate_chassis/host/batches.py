"""Many messages that the stream stores with one write to the disk.

With ``sync_interval: always`` nats-server waits for the disk once for each message, but only once
for an atomic batch. Readers on core NATS get a batch's messages one by one, as ever. Whether the
stream took a batch tells the acknowledgement of its last message; a batch that is not
acknowledged is published again message by message, like anything else.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from tidegate_contracts import subjects

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidegate_chassis.host.journal import OutboxRow

BATCH_MIN = 16
"""Below this many, staging a batch costs the server more than its messages would."""
BATCH_MAX = 500
"""The server takes at most 1,000."""
IDENTITY_BYTES = 16


def in_batches(rows: Sequence[OutboxRow]) -> Iterator[Sequence[OutboxRow]]:
    """Cut messages into runs of one channel and stream, no longer than a batch may be."""
    if len(rows) == 1:
        yield rows
        return
    start = 0
    for end in range(1, len(rows) + 1):
        if end < len(rows) and end - start < BATCH_MAX and _together(rows[start], rows[end]):
            continue
        yield rows[start:end]
        start = end


def _together(first: OutboxRow, other: OutboxRow) -> bool:
    if first.channel != other.channel:
        return False
    return subjects.stream_of(first.subject) == subjects.stream_of(other.subject)


def batch_identity(shard: str, term: int, count: int) -> str:
    """Name a batch as no other batch is named, nor that of an earlier process."""
    return blake2b(f"{shard}|{term}|{count}".encode(), digest_size=IDENTITY_BYTES).hexdigest()


def batch_headers(identity: str, place: int, *, is_last: bool) -> dict[str, str]:
    """Return what tells the stream a message's place in its batch, counted from one."""
    headers = {"Nats-Batch-Id": identity, "Nats-Batch-Sequence": str(place)}
    if is_last:
        headers["Nats-Batch-Commit"] = "1"
    return headers
