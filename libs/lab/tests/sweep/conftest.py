"""A small sweep: one strategy, a few parameters, some hundred days of one stock."""

from pathlib import Path

import pytest

from tidegate_lab.backtest import Options, session_of
from tidegate_lab.sweep.grid import parse_grid
from tidegate_lab.sweep.identity import code_version, in_memory
from tidegate_lab.sweep.register import Register
from tidegate_lab.sweep.results import Results
from tidegate_lab.sweep.running import Sweep, Task
from tidegate_market_data.adapters.catalog import read_replay
from tidegate_market_data.adapters.demo_data import DEMO_PATH
from tidegate_market_data.config import replay_settings

GRID = ("fast=2:6:2", "slow=4,8,12")
"""Nine points, of which the strategy takes seven."""


def make_task(*grid: str) -> Task:
    """Return the sweep of a grid."""
    options = Options(
        strategies=("ema-crossover",), data=(DEMO_PATH,), since="2011-06-01", until="2012-03-01"
    )
    session = session_of(options)
    dataset = in_memory(read_replay(replay_settings(session)))
    return Task(session=session, dataset=dataset, grid=parse_grid(grid or GRID))


def make_sweep(task: Task, folder: Path) -> Sweep:
    """Return a sweep with the register and the results of a folder."""
    version = code_version(task.session, task.dataset)
    return Sweep(task, Register(folder), Results(folder / "run", version))


@pytest.fixture(scope="session")
def task() -> Task:
    """Return the small sweep's task."""
    return make_task()
