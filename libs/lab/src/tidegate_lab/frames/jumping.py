"""Plays a dataset in jumps: bars that cause nothing are taken as columns, the rest bar by bar.

1. The feed looks for the first bar that it does not publish just as it is. Up to there, each
   machine that reads bars is asked for the first row whose bar could make it say something, and
   the timers for the first that is due.
2. All machines advance to the earliest of these rows; nobody has said anything in between.
3. The instant of that row is played like any other: every bar handled, in rounds if need be.

So a machine that stops too early costs time and changes nothing, and one that stops too late is
found by the property tests, which compare every message, timer and state with bar by bar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.market import Bar
from tidegate_lab.host.session import play_through_feed, play_timers, play_to_the_end

if TYPE_CHECKING:
    from tidegate_contracts.frame import Frame, FrameReader
    from tidegate_lab.host.rounds import Rounds
    from tidegate_market_data.adapters.dataset import Bars


def play(rounds: Rounds, dataset: Bars) -> None:
    """Play a dataset from its first instant to its end, and the timers between."""
    feed = rounds.feed.reader
    for frame in dataset.frames():
        first = 0
        while first < len(frame):
            plain = frame.instant_of(feed.scan(frame, first, len(frame)))
            feed.advance(frame, first, plain)
            _jump_through(rounds, frame, first, plain)
            first = plain
            if plain < len(frame):
                first = play_through_feed(rounds, frame, plain)
    play_to_the_end(rounds, dataset)


def _jump_through(rounds: Rounds, frame: Frame, first: int, last: int) -> None:
    """Play rows of which the feed publishes every bar just as it is."""
    # The last to play are asked first: they know at once, and the strategies look at less.
    readers = [shard.reader for shard in reversed(rounds.readers_of(Bar))]
    while first < last:
        found = _next_row(rounds, readers, frame, (first, last))
        if first < found:
            for reader in readers:
                reader.advance(frame, first, found)
            first = found
        if found < last:
            first = frame.instant_after(found)
            instant_ns = frame.end_ns(found)
            play_timers(rounds, instant_ns)
            rounds.play_bars(instant_ns, frame.bars(found, first))


def _next_row(
    rounds: Rounds, readers: list[FrameReader], frame: Frame, rows: tuple[int, int]
) -> int:
    """Return the first row of the next instant in which anything can happen, or the last row."""
    first, found = rows
    if rounds.due_ns <= frame.end_ns(found - 1):
        found = max(first, frame.row_at(rounds.due_ns))
    for reader in readers:
        if found == first:
            break
        found = reader.scan(frame, first, found)
    return frame.instant_of(found) if found < rows[1] else found
