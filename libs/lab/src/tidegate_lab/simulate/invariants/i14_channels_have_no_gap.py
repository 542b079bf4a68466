"""I14: channels in the streams have no gap and no fork; a regression halts their scope.

Checked here: in every stream each place of a channel has one content, that of the producer's
outbox, and in the quiet none is missing. After a restored backup: nobody has decided anything on
top of a stream that was ahead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    kept: dict[tuple[str, int], bytes] = {}
    faults = []
    for stream, channel, k, data in evidence.streamed:
        if kept.setdefault((channel, k), data) != data:
            faults.append(f"stream {stream}: two messages claim {channel} k={k}")
    for shard, books in evidence.books.items():
        for channel, rows in books.channels.items():
            for row in rows:
                found = kept.get((channel, row["k"]), row["payload"])
                if found != row["payload"]:
                    faults.append(f"{shard}: the stream holds another {channel} k={row['k']}")
    return faults
