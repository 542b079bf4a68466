"""How much of a dataset has been played: a bar on a terminal, elsewhere a line now and then.

It looks at the clock of the rounds from a thread of its own, so it costs the run nothing per bar.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from tidegate_kernel.time import format_time
from tidegate_lab.host.rounds import Rounds
from tidegate_market_data.adapters.dataset import Bars

_LOOK_EVERY_S = 0.1
_LINE_EVERY_S = 5.0


@contextmanager
def played_bar(rounds: Rounds, bars: Bars) -> Iterator[None]:
    """Show on stderr how far the rounds have come."""
    console = Console(stderr=True)
    span_ns = bars.last_ns - bars.first_ns

    def share() -> float:
        return min(max((rounds.instant_ns - bars.first_ns) / span_ns, 0.0), 1.0)

    def say() -> None:
        at = format_time(max(rounds.instant_ns, bars.first_ns))
        console.print(f"{share():.0%} of {bars.bar_count:,} bars, {at}", soft_wrap=True)

    if not console.is_terminal:
        with _repeated(say, _LINE_EVERY_S):
            yield
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task(f"{bars.bar_count:,} bars", total=1.0)
        with _repeated(lambda: progress.update(task, completed=share()), _LOOK_EVERY_S):
            yield


@contextmanager
def _repeated(look: Callable[[], object], every_s: float) -> Iterator[None]:
    """Call ``look`` again and again from another thread."""
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(every_s):
            look()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
