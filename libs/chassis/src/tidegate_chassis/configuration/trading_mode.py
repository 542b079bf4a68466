"""Real money needs two explicit words, and this release has no venue for it.

A session trades live only when its ``mode`` is ``live`` and the variable ``TRADING_MODE`` is
exactly ``live``. Anything else, a misspelling too, means paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from tidegate_chassis.configuration.document import Place, place_text
from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.configuration.problem import Problem

LIVE = "live"


class Judged(NamedTuple):
    """What the rule found in the sessions."""

    problems: tuple[tuple[Place, Problem], ...]
    warnings: tuple[tuple[Place, Problem], ...]


def trading_mode(environment: Environment) -> Literal["paper", "live"]:
    """Return ``live`` only if `TRADING_MODE` says exactly that."""
    return "live" if environment.get("TRADING_MODE") == LIVE else "paper"


def apply_trading_mode(tree: Mapping[str, object], environment: Environment) -> Judged:
    """Make live sessions paper ones unless `TRADING_MODE` is live; then refuse them."""
    sessions = tree.get("sessions")
    problems, warnings = [], []
    for index, session in enumerate(sessions if isinstance(sessions, list) else []):
        if not isinstance(session, dict) or session.get("mode") != LIVE:
            continue
        place: Place = ("sessions", index, "mode")
        path = place_text(place, tree)
        if trading_mode(environment) == LIVE:
            hint = "set `mode: paper`: this release has no live venue yet"
            problems.append((place, Problem(path, "paper", LIVE, hint)))
            continue
        session["mode"] = "paper"
        found = environment.get("TRADING_MODE") or "it unset"
        hint = "the session runs as paper"
        warnings.append((place, Problem(path, "TRADING_MODE=live beside it", found, hint)))
    return Judged(tuple(problems), tuple(warnings))
