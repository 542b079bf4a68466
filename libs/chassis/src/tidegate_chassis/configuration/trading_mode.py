"""Real money needs two explicit words.

A session trades live only when its ``mode`` is ``live`` and the variable ``TRADING_MODE`` is
exactly ``live``. A live session without that word is refused: nobody shall wonder which money
moves. What the venue itself must say to it is its adapter's business (``TIDEGATE_LIVE_CONFIRM``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from tidegate_chassis.configuration.document import Place, place_text, sessions_of
from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.configuration.problem import Problem

LIVE = "live"


def trading_mode(environment: Environment) -> Literal["paper", "live"]:
    """Return ``live`` only if `TRADING_MODE` says exactly that."""
    return "live" if environment.get("TRADING_MODE") == LIVE else "paper"


def check_trading_mode(
    tree: Mapping[str, object], environment: Environment
) -> Iterator[tuple[Place, Problem]]:
    """Yield every session that is live by the file alone."""
    if trading_mode(environment) == LIVE:
        return
    for index, session in sessions_of(tree):
        if session.get("mode") != LIVE:
            continue
        place: Place = ("sessions", index, "mode")
        found = environment.get("TRADING_MODE")
        said = f"TRADING_MODE={found}" if found else "TRADING_MODE unset"
        hint = "set `mode: paper`, or export TRADING_MODE=live if you mean real money"
        path = place_text(place, tree)
        yield place, Problem(path, f"TRADING_MODE={LIVE} beside mode: {LIVE}", said, hint)
