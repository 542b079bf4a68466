"""I14: channels in the streams have no gap and no fork; a regression halts their scope.

Checked here: in every stream each place of a channel has one content, that of the producer's
outbox, and in the quiet none is missing. After a restored backup: nobody has decided anything on
top of a stream that was ahead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host.envelope import HEADER, place

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    kept: dict[tuple[str, int], bytes] = {}
    faults = []
    for stream in evidence.world.server.streams:
        for message in stream.messages:
            at = place((message.headers or {})[HEADER])
            known = kept.setdefault(at, message.data)
            if known != message.data:
                faults.append(f"stream {stream.name}: two messages claim {at[0]} k={at[1]}")
    for shard, books in evidence.books.items():
        for channel, rows in books.channels.items():
            for row in rows:
                found = kept.get((channel, row["k"]), row["payload"])
                if found != row["payload"]:
                    faults.append(f"{shard}: the stream holds another {channel} k={row['k']}")
    return faults
