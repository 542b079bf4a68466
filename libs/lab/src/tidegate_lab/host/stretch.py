"""Rows of a frame that the feed publishes just as they are, played instant by instant.

1. A machine that reads bars says how far they cause nothing (`FrameReader.scan`). Until there it is
   not called: it takes these bars as columns (`FrameReader.advance`) when it must, which is before
   it handles anything else, and at the stretch's end.
2. An eager shard is given every bar, one by one.
3. Where a machine may say something, or a timer is due, the instant is played in rounds.

A machine that has handled something is asked anew. So one that stops too early costs time and
changes nothing, and one that stops too late is found by the property tests, which compare every
message, timer and state with every bar given to every machine.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from tidegate_contracts.market import Bar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidegate_contracts.frame import Frame
    from tidegate_lab.host.rounds import Rounds
    from tidegate_lab.host.shard import LabShard

ROWS_AHEAD = 16_384
"""Rows that a machine looks through at most before it is asked again."""
INSTANTS_BESIDE = 256
"""Instants that it looks through although another machine has to handle an earlier one already."""


class Stretch:
    """Rows from ``row`` to before ``last``; what is before ``row`` has been played."""

    def __init__(self, rounds: Rounds, frame: Frame, first: int, last: int) -> None:
        """Let every reader of bars leave the rows from ``first`` on until it must take them."""
        self.rounds = rounds
        self.frame = frame
        self.row = first
        self.last = last
        self.readers = rounds.readers_of(Bar)
        for shard in self.readers:
            shard.leave_bars(frame, first)

    def end(self) -> None:
        """Let every reader take what is left of the rows."""
        for shard in self.readers:
            shard.take_bars(self.last)
            shard.frame = None

    def next_row(self) -> int:
        """Return a row before which nobody has to handle a bar, and no timer is due."""
        frame, row, due_ns = self.frame, self.row, self.rounds.due_ns
        found = last = min(row + ROWS_AHEAD, self.last)
        beside = min(row + INSTANTS_BESIDE * len(frame.instruments), last)
        for shard in self.readers:
            if shard.frame is not None:
                stop = shard.stop if row < shard.looked else shard.look(row, last)
                if stop < found:
                    found, last = stop, max(stop, beside)
        if row < found and due_ns <= frame.end_ns(found - 1):
            found = max(row, frame.row_at(due_ns))
        return found

    def stopping(self) -> tuple[LabShard, ...]:
        """Return the shards that have to handle the bars of the instant at ``row``."""
        row, after = self.row, self.frame.instant_after(self.row)
        instant_ns = self.frame.end_ns(row)
        return tuple(s for s in self.readers if _must_handle(s, row, after, instant_ns))

    def play(self, end: int, eager: LabShard) -> None:
        """Play the instants of the rows to before ``end``; an eager shard handles all its bars."""
        frame, bars = self.frame, self.frame.each(self.row, end)
        eager.take_bars(self.row)
        eager.frame = None
        while self.row < end:
            quiet = frame.instant_of(min(self.next_row(), end))
            if not self._give(eager, bars, quiet) and quiet < end:
                after = frame.instant_after(quiet)
                self._play_instant(list(islice(bars, after - quiet)), after, (eager,))
                self.row = after
        eager.leave_bars(frame, end)

    def _give(self, eager: LabShard, bars: Iterator[Bar], last: int) -> bool:
        """Give bars of the rows to before ``last``, but none after an instant with effects.

        Tell whether there was one; it has been played.
        """
        rounds, handle = self.rounds, eager.handle
        for row, bar in enumerate(islice(bars, last - self.row), self.row):
            effects = handle(bar, bar.end_ns)
            if effects:
                self.row = self.frame.instant_after(row)
                rounds.begin_with(eager, bar, effects, is_first=True)
                for another in islice(bars, self.row - row - 1):
                    effects = handle(another, another.end_ns)
                    if effects:
                        rounds.begin_with(eager, another, effects, is_first=False)
                rounds.go_on((eager,), self.row)
                return True
        self.row = last
        return False

    def play_one(self) -> None:
        """Play the instant at ``row``."""
        after = self.frame.instant_after(self.row)
        bars = [self.frame.bar(row) for row in range(self.row, after)]
        self._play_instant(bars, after, ())
        self.row = after

    def _play_instant(self, bars: Sequence[Bar], after: int, eager: Sequence[LabShard]) -> None:
        rounds, row, instant_ns = self.rounds, self.row, bars[0].end_ns
        rounds.row = row
        rounds.play_timers(instant_ns)
        takers = [s for s in self.readers if s in eager or _must_handle(s, row, after, instant_ns)]
        rounds.play_bars(bars, takers, after)


def _must_handle(shard: LabShard, row: int, after: int, instant_ns: int) -> bool:
    if shard.frame is None or shard.due_ns <= instant_ns:
        return True
    stop = shard.stop if row < shard.looked else shard.look(row, after)
    return stop < after or shard.looked < after
