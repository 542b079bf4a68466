"""The ways to play a dataset: all of them give the same messages, timers and end state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_lab.backtest.errors import OptionError
from tidegate_lab.frames import jumping
from tidegate_lab.host.session import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_lab.host.rounds import Rounds
    from tidegate_market_data.adapters.dataset import Bars

    Play = Callable[[Rounds, Bars], None]

ENGINES: dict[str, Play] = {"events": play, "frames": jumping.play}
"""Each engine by its name.

``events`` gives the strategies every bar, and the other machines those that mean something to them;
``frames`` lets the strategies jump over bars as well. The first jump of a process loads a compiler,
which takes about a second.
"""

DEFAULT_ENGINE = "events"


def engine_of(name: str) -> Play:
    """Return an engine; an unknown name is an `OptionError`."""
    if name not in ENGINES:
        raise OptionError("--engine", " or ".join(ENGINES), name)
    return ENGINES[name]
