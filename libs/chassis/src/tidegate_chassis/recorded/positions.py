"""Where in a journal a time is, and the nearest snapshot before a position."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.recorded.errors import NotRecorded
from tidegate_chassis.recorded.recording import Beginning, beginning

if TYPE_CHECKING:
    from tidegate_chassis.recorded.recording import Recording


def position_at(recording: Recording, shard: str, at_ns: int) -> int:
    """Return the last input that was handled at or before a time, 0 when there is none.

    Times never fall along a journal, so this halves the journal until it is found.
    """
    extent = recording.extent(shard)
    low, high = max(extent.first_n - 1, 0), extent.last_n
    while low < high:
        middle = (low + high + 1) // 2
        row = next(iter(recording.rows(shard, middle - 1, middle))).row
        low, high = (middle, high) if row.at_ns <= at_ns else (low, middle - 1)
    return low


def nearest(recording: Recording, shard: str, n: int, core: str) -> Beginning:
    """Return the newest snapshot at or before a position that this code wrote, else the start."""
    usable = [each for each in recording.snapshots(shard) if each.n <= n and each.core == core]
    if usable:
        return Beginning(usable[-1].n, usable[-1].state)
    start = beginning(recording, shard)
    if start.n > n:
        raise NotRecorded(
            f"a position from {start.n} on, where the journal of {shard} begins", str(n)
        )
    return start
