"""How an engine is measured in its own process: processor time of a few runs, and one JSON line.

Imported by every engine's own environment, so it needs nothing but Python.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import NamedTuple

CAPITAL = 10_000_000
QUANTITY = 10
FEE = 0.001
MIB = 1024


class Result(NamedTuple):
    """What one run ended with: fills, and equity in the currency of the prices."""

    fills: int
    equity: float


@dataclass(frozen=True)
class Played:
    """An engine's figures. Seconds are processor time of all threads.

    ``start_s`` is what passes until the first bar can be played: interpreter, imports, reading
    the data; ``first_s`` is the first run, which may compile; ``runs_s`` are those after it.
    """

    engine: str
    version: str
    bars: int
    start_s: float
    first_s: float
    runs_s: list[float]
    fills: int
    equity: float
    peak_mib: float

    @property
    def median_s(self) -> float:
        """The median run."""
        return statistics.median(self.runs_s)

    @property
    def bars_per_s(self) -> float:
        """Bars per second of processor time."""
        return self.bars / self.median_s


@dataclass(frozen=True)
class Engine:
    """What is measured: ``prepare`` is not timed, ``play`` is."""

    name: str
    version: str
    bars: int
    play: Callable[[], Result]
    prepare: Callable[[], None] = lambda: None


def report(engine: Engine, runs: int) -> None:
    """Play once and then ``runs`` times; print what it took. The last line is the result."""
    start_s = time.process_time()
    first_s, result = _timed(engine)
    runs_s = []
    for _ in range(runs):
        passed_s, again = _timed(engine)
        assert again == result, f"two runs of {engine.name} differ: {result}, then {again}"
        runs_s.append(passed_s)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
    name, version, bars = engine.name, engine.version, engine.bars
    played = Played(name, version, bars, start_s, first_s, runs_s, *result, peak_mib)
    sys.stdout.write(f"\n{json.dumps(asdict(played))}\n")


def _timed(engine: Engine) -> tuple[float, Result]:
    engine.prepare()
    started_s = time.process_time()
    result = engine.play()
    return time.process_time() - started_s, result
