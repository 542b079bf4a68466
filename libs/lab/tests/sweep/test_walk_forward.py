"""Walking forward: what is chosen never saw the days that judge it."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tidegate_kernel.time import NS_PER_DAY
from tidegate_lab.lookahead.futures import truncated
from tidegate_lab.statistics.errors import StatisticsError
from tidegate_lab.sweep.identity import code_version, data_of
from tidegate_lab.sweep.register import Register
from tidegate_lab.sweep.results import Results
from tidegate_lab.sweep.running import Here, Task
from tidegate_lab.sweep.trial import days_of
from tidegate_lab.sweep.walk_forward import Plan, WalkForward, walk_forward

from .conftest import make_task


def _walked(task: Task, folder: Path, plan: Plan) -> WalkForward:
    version = code_version(task.session, task.dataset)
    books = Register(folder), Results(folder / "run", version)
    return walk_forward(task, plan, books, lambda part: nullcontext(Here(part)))


@pytest.fixture(scope="module")
def small() -> Task:
    """Return a sweep of four points."""
    return make_task("fast=2,4", "slow=6,10")


@pytest.fixture(scope="module")
def walked(small: Task, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, WalkForward]:
    """Return what walking forward over nine months finds."""
    folder = tmp_path_factory.mktemp("walked")
    return folder, _walked(small, folder, Plan(train=90, test=40))


def test_judged_days_follow_each_other(small: Task, walked: tuple[Path, WalkForward]) -> None:
    """Every day after the first sample counts once, and the equity is theirs, stitched."""
    _, found = walked
    days = days_of(small.dataset)
    assert list(found.days) == days[90:].tolist()
    assert [each.judged_from for each in found.windows] == sorted(
        each.judged_from for each in found.windows
    )
    returns = np.prod([1 + each.judged_return for each in found.windows])
    assert found.equity[-1] == pytest.approx(returns, abs=1e-4)


def test_every_trial_of_every_window_is_registered(
    small: Task, walked: tuple[Path, WalkForward]
) -> None:
    """Three windows of four points are twelve trials, and they stand beside the Sharpe ratio."""
    folder, found = walked
    assert [each.tried for each in found.windows] == [4, 4, 4]
    assert found.honest.trials == Register(folder).beside(data_of(small.dataset)).count == 12


def test_the_future_changes_no_choice(
    small: Task, walked: tuple[Path, WalkForward], tmp_path: Path
) -> None:
    """Without the last months the earlier windows choose and earn the same."""
    cut_ns = int(days_of(small.dataset)[129] + 1) * NS_PER_DAY
    shorter = replace(small, dataset=truncated(small.dataset, cut_ns))
    found = _walked(shorter, tmp_path, Plan(train=90, test=40))
    assert found.windows[0] == walked[1].windows[0]


def test_too_few_days_are_refused(small: Task, tmp_path: Path) -> None:
    """A window that does not fit says how many days it needs."""
    with pytest.raises(StatisticsError, match="at least 600 observations"):
        _walked(small, tmp_path, Plan(train=500, test=100))
