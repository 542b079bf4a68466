"""What a person asked the demo for, and the configuration that this means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tidegate_chassis.configuration import Configuration
from tidegate_cli.asked import readable
from tidegate_cli.errors import Misused
from tidegate_lab.backtest.options import DEMO_SESSION, Options, session_of

SESSION = DEMO_SESSION
LOCKSTEP = "max"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The demo's options."""

    data: tuple[Path, ...] = ()
    strategies: tuple[str, ...] = ()
    speed: str = LOCKSTEP
    instance: str | None = None
    keep: bool = False


def configuration_of(wanted: Wanted) -> Configuration:
    """Return the configuration of a demo; what the services cannot use is refused."""
    speed = _speed(wanted.speed)
    with readable():
        session = session_of(Options(data=wanted.data, strategies=wanted.strategies).of_demo())
    if speed is not None:
        session = session.model_copy(update={"clock": "wall", "speed": speed})
    return Configuration(sessions=(session,))


def _speed(text: str) -> float | None:
    """Return None for lockstep, else the seconds of feed time per second."""
    if text == LOCKSTEP:
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 1e9:  # noqa: PLR2004 - the bound of Session.speed
        expected = "max, or seconds of feed time per second (at most 1e9)"
        raise Misused("SPEED", f"{text!r} is no speed", expected=expected, found=text)
    return speed
