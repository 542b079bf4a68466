"""Plays a dataset in jumps: bars that cause nothing are taken as columns, the rest bar by bar.

1. The feed looks for the first bar that it does not publish just as it is. Up to there, each
   machine that reads bars is asked for the first row whose bar could make it say something, and
   the timers for the first that is due (`tidegate_lab.host.stretch`).
2. The instant of the earliest of these rows is played like any other. A machine that has nothing
   to handle in it is not called: it takes the bars that were jumped over when it must.
3. Where the last jumps were short, some instants are played after it before looking again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_lab.host.session import play_frames
from tidegate_lab.host.stretch import Stretch

if TYPE_CHECKING:
    from tidegate_lab.host.rounds import Rounds
    from tidegate_market_data.adapters.dataset import Bars

SHORT_JUMP_INSTANTS = 8
"""A jump over fewer instants costs more than playing them."""
BURST_INSTANTS_MAX = 64
"""Instants that are played at most before the next jump is tried."""


def play(rounds: Rounds, dataset: Bars) -> None:
    """Play a dataset from its first instant to its end, and the timers between."""
    play_frames(rounds, dataset, _jump_through)


def _jump_through(stretch: Stretch) -> None:
    frame, last = stretch.frame, stretch.last
    # Instants to play before looking again: where jumps are short, looking costs more.
    burst = 1
    while stretch.row < last:
        found = stretch.next_row()
        burst = _burst_after(found - stretch.row, len(frame.instruments), burst)
        stretch.row = frame.instant_of(found)
        if found < last:
            end = min(last, stretch.row + burst * len(frame.instruments))
            end = frame.instant_of(end)
            stopping = stretch.stopping() if end > frame.instant_after(stretch.row) else ()
            if stopping:
                stretch.play(end, stopping[0])
            else:
                stretch.play_one()


def _burst_after(jumped_rows: int, instruments: int, burst: int) -> int:
    """Return how many instants to play, given how far the last jump went."""
    is_short = jumped_rows < SHORT_JUMP_INSTANTS * instruments
    return min(2 * burst, BURST_INSTANTS_MAX) if is_short else max(burst // 2, 1)
