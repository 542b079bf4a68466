"""Plays a dataset in jumps: bars that cause nothing are taken as columns, the rest bar by bar.

1. The feed looks for the first bar that it does not publish just as it is. Up to there, each
   machine that reads bars is asked for the first row whose bar could make it say something, and
   the timers for the first that is due.
2. All machines advance to the earliest of these rows; nobody has said anything in between.
3. The instant of that row is played like any other: every bar handled, in rounds if need be; and
   some after it, where the last jumps were short.

So a machine that stops too early costs time and changes nothing, and one that stops too late is
found by the property tests, which compare every message, timer and state with bar by bar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.market import Bar
from tidegate_lab.host.session import play_plain, play_through_feed, play_to_the_end

if TYPE_CHECKING:
    from tidegate_contracts.frame import Frame, FrameReader
    from tidegate_lab.host.rounds import Rounds
    from tidegate_market_data.adapters.dataset import Bars

SHORT_JUMP_INSTANTS = 8
"""A jump over fewer instants costs more than playing them."""
BURST_INSTANTS_MAX = 64
"""Instants that are played at most before the next jump is tried."""


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
    # Instants to play before looking again: where jumps are short, looking costs more.
    burst = 1
    while first < last:
        found = _next_row(rounds, readers, frame, (first, last))
        burst = _burst_after(found - first, len(frame.instruments), burst)
        if first < found:
            for reader in readers:
                reader.advance(frame, first, found)
            first = found
        if first < last:
            end = min(last, first + burst * len(frame.instruments))
            end = max(frame.instant_of(end), frame.instant_after(first))
            play_plain(rounds, frame, first, end)
            first = end


def _burst_after(jumped_rows: int, instruments: int, burst: int) -> int:
    """Return how many instants to play, given how far the last jump went."""
    is_short = jumped_rows < SHORT_JUMP_INSTANTS * instruments
    return min(2 * burst, BURST_INSTANTS_MAX) if is_short else max(burst // 2, 1)


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
