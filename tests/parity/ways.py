"""The ways to play the demo's session: each is a command of its own, as a person says it."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_lab.backtest import ENGINES

if TYPE_CHECKING:
    from .commands import Commands

LIVE, REPLAY = "live", "replay"
_KEPT = re.compile(r"^kept in (.+)$", re.MULTILINE)


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What one way came to."""

    way: str
    seed: int
    outcome: dict[str, Any]
    wall_s: float

    @property
    def essence(self) -> dict[str, Any]:
        """The outcome without the time that it took: what must be equal."""
        return {name: value for name, value in self.outcome.items() if name != "duration_s"}


def play_all(commands: Commands, data: Sequence[str], seed: int, folder: Path) -> list[Played]:
    """Play some data live, replay the record, and backtest by every engine."""
    place = _Place(commands, folder, seed, tuple(f"--data={path}" for path in data))
    live, errors = place.play(LIVE, "demo", "--keep")
    kept = _KEPT.search(errors)
    assert kept is not None, f"expected `kept in FOLDER` on stderr, found {errors[-500:]}"
    replayed, _ = place.tidegate(REPLAY, "replay", "demo", "--verify", f"--instance={kept[1]}")
    assert replayed.outcome["differ"] == 0, replayed.outcome
    replay = msgspec.structs.replace(replayed, outcome=replayed.outcome["outcome"])
    backtests = [
        place.play(f"backtest {name}", "backtest", "--demo", f"--engine={name}")[0]
        for name in ENGINES
    ]
    return [live, replay, *backtests]


class _Place:
    """Folders and a hash seed for some commands."""

    def __init__(self, commands: Commands, folder: Path, seed: int, data: tuple[str, ...]) -> None:
        self._commands = commands
        self._seed = seed
        self._data = data
        home, temporary = folder / "home", folder / "tmp"
        for each in (home, temporary):
            each.mkdir(mode=0o711)
        self._variables = {
            **os.environ,
            "PYTHONHASHSEED": str(seed),
            "TIDEGATE_HOME": str(home),
            "TMPDIR": str(temporary),
        }

    def play(self, way: str, *arguments: str) -> tuple[Played, str]:
        """Run a command on the data."""
        return self.tidegate(way, *arguments, *self._data)

    def tidegate(self, way: str, *arguments: str) -> tuple[Played, str]:
        """Run a command; return the object on its last line, and what it said on stderr."""
        started_s = time.monotonic()
        asked = ["-m", "tidegate_cli", *arguments, "--json"]
        ended = self._commands.run(asked, self._variables)
        wall_s = round(time.monotonic() - started_s, 1)
        assert ended.returncode == 0, f"{way} ended with {ended.returncode}: {ended.stderr[-2000:]}"
        outcome = json.loads(ended.stdout.splitlines()[-1])
        return Played(way=way, seed=self._seed, outcome=outcome, wall_s=wall_s), ended.stderr
