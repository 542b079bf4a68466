"""I15: no acknowledged message is missing after any crash.

Checked here: what a producer believes to be in the stream is in the stream; and in the quiet all
that was ever committed is. What power loss does to a real server is tested with real servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    kept = {(channel, k) for _, channel, k, _ in evidence.streamed}
    quiet = not (evidence.restored or evidence.unsettled)
    return [
        f"{shard}: {channel} k={row['k']} ({row['subject']}) is not in the stream"
        for shard, books in evidence.books.items()
        for channel, rows in books.channels.items()
        for row in rows
        if (quiet or row["k"] <= books.marks.get(channel, 0)) and (channel, row["k"]) not in kept
    ]
