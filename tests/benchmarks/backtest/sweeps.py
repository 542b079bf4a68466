"""How long a sweep of 1,000 pairs of averages over 100,000 bars takes.

An exact sweep is timed from command to result, on the wall, with a worker for each processor:
what a person waits for. A screen is timed by the command itself: the estimates of all pairs,
without the trials that the machines play afterwards. ``BENCH_SWEEP_SECONDS`` is how long a command
may take; one that takes longer has no figure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks.backtest.children import ROOT
from tests.benchmarks.backtest.data import write_bars
from tests.benchmarks.backtest.ours import LIMITS
from tests.benchmarks.peers.played import CAPITAL

from tidegate_lab.backtest import ENGINES

BARS = 100_000
PAIRS = 1_000
GRID = ("fast=5:54:1", "slow=60:155:5")
TIDEGATE = ROOT / ".venv" / "bin" / "tidegate"


def measure_sweeps(folder: Path) -> dict[str, float | None]:
    """Return the seconds of an exact sweep and of a screen; None where there is none."""
    data = write_bars(folder, BARS).parquet
    limits = folder / "limits.yaml"
    limits.write_text(json.dumps(LIMITS), encoding="utf-8")
    command = [str(TIDEGATE), "sweep", "--strategy", "ema-crossover", "--data", str(data)]
    command += [part for each in GRID for part in ("--grid", each)]
    command += ["--limits", str(limits), "--fees", "10bps", "--capital", f"{CAPITAL}USD"]
    command += ["--engine", "frames" if "frames" in ENGINES else "events", "--json"]
    exact = _swept([*command, "--out", str(folder / "exact")], "exact", folder)
    screened = _swept([*command, "--screen", "--out", str(folder / "screen")], "screen", folder)
    return {
        "exact": None if exact is None else exact.passed_s,
        "screen": None if screened is None else round(float(screened.document["screen_s"]), 3),
    }


class Swept(NamedTuple):
    """How long a command took, and what it printed."""

    passed_s: float
    document: dict[str, Any]


def _swept(command: list[str], name: str, folder: Path) -> Swept | None:
    patience_s = float(os.environ.get("BENCH_SWEEP_SECONDS", "1800"))
    environment = {**os.environ, "TIDEGATE_HOME": str(folder / f"home-{name}")}
    started_s = time.monotonic()
    try:
        done = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=patience_s,
            check=True,
        )
    except subprocess.TimeoutExpired:
        reason = f"it was not done after {patience_s:g} s"
        print(f"sweep, {name}: no figure, because {reason}", file=sys.stderr)
        return None
    except subprocess.CalledProcessError as error:
        print(f"sweep, {name}: no figure, because {error}\n{error.stderr}", file=sys.stderr)
        return None
    passed_s = round(time.monotonic() - started_s, 2)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["points"] == PAIRS, f"expected {PAIRS} points, found {found['points']}"
    print(f"  sweep, {name}: {PAIRS:,} pairs x {BARS:,} bars in {passed_s:,.1f} s", flush=True)
    return Swept(passed_s, found)
