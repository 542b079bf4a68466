"""The inputs of a run that caused something, in the order in which they were handled.

Bars that cause nothing are not kept one by one, and neither are the feed's own inputs: the data
hold them already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_kernel.machine import Effect, Event
    from tidegate_lab.host.shard import LabShard, Place


class Entry(NamedTuple):
    """One input that caused something."""

    shard: str
    place: Place
    event: Event
    effects: Sequence[Effect]


class Journal:
    """An observer of `Rounds` that keeps what it sees."""

    def __init__(self, feed: str) -> None:
        """``feed`` is the shard that is left out."""
        self._feed = feed
        self.entries: list[Entry] = []

    def observe(
        self, shard: LabShard, event: Event, effects: Sequence[Effect], place: Place
    ) -> None:
        """Take one input with what it caused."""
        if shard.name != self._feed:
            self.entries.append(Entry(shard.name, place, event, effects))
