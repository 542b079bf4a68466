"""Each engine in a process of its own: what it printed, or why it could not run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.peers.played import Played

ROOT = Path(__file__).parents[3]
TIMEOUT_S = 1_800


class Case(NamedTuple):
    """The lengths of the two averages: short ones trade often, long ones seldom."""

    name: str
    fast: int
    slow: int


DENSE = Case("dense", 10, 20)
SPARSE = Case("sparse", 1_000, 2_000)


class Child(NamedTuple):
    """An engine's module, the environment that has it (none: ours), and how often it plays."""

    module: str
    environment: str
    runs: int
    extra: tuple[str, ...] = ()


def run_child(child: Child, data: Path, case: Case) -> Played | None:
    """Play a case; None when the engine could not be run, with the reason on stderr."""
    python = ROOT / (child.environment or ".venv") / "bin" / "python"
    name = " ".join((child.module.rpartition(".")[2], *child.extra, case.name))
    if not (python.parent.parent / ".packages").exists():
        _complain(name, f"{child.environment} was not installed")
        return None
    numbers = map(str, (case.fast, case.slow, child.runs))
    command = [str(python), "-m", child.module, str(data), *numbers, *child.extra]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        _complain(name, f"{error}\n{str(error.stderr)[-2_000:]}")
        return None
    return Played(**json.loads(done.stdout.splitlines()[-1]))


def _complain(name: str, reason: str) -> None:
    print(f"{name}: no figure, because {reason}", file=sys.stderr)
