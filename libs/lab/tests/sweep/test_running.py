"""Sweeps through the machines: the same whoever works, resumed, and honest about all trials."""

from dataclasses import replace as replace_task
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tidegate_lab.backtest import OptionError, run_session
from tidegate_lab.backtest.sensitivity import with_doubled_costs
from tidegate_lab.statistics.plateau import Point
from tidegate_lab.sweep.errors import DisagreementError, SweepError
from tidegate_lab.sweep.grid import parse_grid
from tidegate_lab.sweep.identity import code_version, data_of
from tidegate_lab.sweep.messages import Job
from tidegate_lab.sweep.register import Register
from tidegate_lab.sweep.results import FINISHED_NAME, Results
from tidegate_lab.sweep.running import Here, Search, Sweep, Task
from tidegate_lab.sweep.supply import LEASE_NS, Supply
from tidegate_lab.sweep.trial import run_trial, with_parameters
from tidegate_lab.sweep.workers import Workers

from .conftest import make_sweep


def _silent(count: int) -> None:
    del count


@pytest.fixture(scope="module")
def swept(task: Task, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Return the folder of a finished sweep and its result."""
    folder = tmp_path_factory.mktemp("swept")
    return folder, make_sweep(task, folder).run(Search(), Here(task), _silent)


def test_every_valid_point_is_tried_and_registered(swept: tuple[Path, Any]) -> None:
    """Nine points, two refused by the strategy; all trials stand beside every Sharpe ratio."""
    _, found = swept
    assert (found.points, found.refused, found.tried, found.trials) == (9, 2, 7, 7)
    assert [each.rank for each in found.best] == [1, 2, 3, 4, 5, 6, 7]
    sharpes = [each.honest.sharpe for each in found.best]
    assert sharpes == sorted(sharpes, reverse=True)
    assert {each.honest.trials for each in found.best} == {7}
    for each in found.best:
        assert each.honest.deflated_sharpe < each.honest.probabilistic_sharpe
        assert each.honest.low < each.honest.sharpe < each.honest.high
    assert 0 <= found.choice.overfitting <= 1
    assert found.choice.cross_validated_sharpe is not None
    assert found.trade_order.trades == found.best[0].trades


def test_a_trial_is_the_backtest_itself(task: Task, swept: tuple[Path, Any]) -> None:
    """The best trial's hashes and money are those of a back-test with its parameters."""
    best = swept[1].best[0]
    outcome = run_session(with_parameters(task.session, best.parameters)).outcome
    assert (outcome.orders_hash, outcome.ledger_hash) == (best.orders_hash, best.ledger_hash)
    assert outcome.final_equity == best.final_equity


def test_doubled_costs_are_played_by_the_machines(task: Task, swept: tuple[Path, Any]) -> None:
    """Twice the fees and slippage: the fees rise, and the result is a real run's."""
    costs, best = swept[1].costs, swept[1].best[0]
    dear = run_session(with_parameters(with_doubled_costs(task.session), best.parameters)).outcome
    assert costs.final_equity_doubled == dear.final_equity
    assert float(costs.fees_doubled) > 1.9 * float(costs.fees)
    assert costs.sharpe_doubled < costs.sharpe


def test_finished_trials_are_not_run_again(task: Task, swept: tuple[Path, Any]) -> None:
    """A second run of the same sweep takes all from its folder, and finds the same."""
    folder, found = swept
    before = (folder / "run" / FINISHED_NAME).read_bytes()
    again = make_sweep(task, folder).run(Search(), _Nobody(), _silent)
    assert again == replace(found, resumed=7)
    assert (folder / "run" / FINISHED_NAME).read_bytes() == before


def test_what_a_crash_cut_off_is_run_again(task: Task, tmp_path: Path) -> None:
    """Half a line at the end of the folder's file costs that trial and no other."""
    make_sweep(task, tmp_path).run(Search(random=3), Here(task), _silent)
    path = tmp_path / "run" / FINISHED_NAME
    path.write_bytes(path.read_bytes()[:-20])
    found = make_sweep(task, tmp_path).run(Search(random=3), Here(task), _silent)
    assert (found.tried, found.resumed, found.trials) == (3, 2, 3)


def test_trials_of_other_sweeps_count(task: Task, tmp_path: Path) -> None:
    """Whoever tried something on these data before has made this Sharpe ratio worth less."""
    capital = task.session.capital.model_copy(update={"amount": Decimal(50_000)})
    poorer = task.session.model_copy(update={"capital": capital})
    first = make_sweep(replace_task(task, session=poorer), tmp_path)
    assert first.run(Search(random=2), Here(task), _silent).trials == 2
    second = Sweep(task, Register(tmp_path), Results(tmp_path / "another", "1"))
    found = second.run(Search(random=4), Here(task), _silent)
    assert (found.tried, found.trials) == (4, 6)


def test_optuna_finds_the_same_each_time(task: Task, tmp_path: Path) -> None:
    """The same seed proposes the same points, different ones, and only valid ones."""
    runs = []
    for name in ("one", "two"):
        sweep = make_sweep(task, tmp_path / name)
        runs.append(sweep.run(Search(optuna=5, seed=3), Here(task), _silent))
    assert runs[0] == runs[1]
    assert runs[0].tried == 5


@pytest.mark.real
def test_workers_find_the_same_and_a_dead_one_loses_nothing(
    task: Task, swept: tuple[Path, Any], tmp_path: Path
) -> None:
    """Two processes over a real nats-server, one of which is killed during the sweep.

    It takes seconds: each process imports the lab and reads the data.
    """
    sweep = make_sweep(task, tmp_path)
    with Workers(_job(task), 2) as workers:

        def kill_one(count: int) -> None:
            if count == 1:
                workers.processes["local-1"].kill()

        found = sweep.run(Search(), workers, kill_one)
    assert found == replace(swept[1], register=found.register)
    assert not [each for each in workers.processes.values() if each.poll() is None]


@pytest.mark.real
def test_workers_of_other_code_do_not_help(
    task: Task, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A worker whose code is not the sweep's ends, and says what to do."""
    sweep = make_sweep(task, tmp_path)
    with (
        pytest.raises(SweepError, match="all have ended"),
        Workers(replace(_job(task), version="another"), 1) as workers,
    ):
        sweep.run(Search(), workers, _silent)
    assert "install the same release" in capfd.readouterr().err


def test_silent_workers_lose_their_trials() -> None:
    """A trial is given again when its worker was not heard of, and not while it was."""
    supply = Supply([(0,), (1,)])
    assert supply.give("a", 0) == (0,)
    assert supply.give("b", 0) == (1,)
    supply.hear("b", LEASE_NS)
    assert supply.give("c", LEASE_NS) is None
    assert supply.give("c", LEASE_NS + 1) == (0,)
    assert supply.give("c", LEASE_NS + 1) is None
    supply.lose("c")
    assert supply.give("d", LEASE_NS + 1) == (0,)


def test_two_results_of_one_trial_must_agree(task: Task) -> None:
    """The first result counts, an equal one is nothing new, another one is an error."""
    point: Point = (0, 1)
    result = run_trial(task.session, task.dataset, task.engine, task.grid.parameters(point))
    supply = Supply([point])
    assert supply.take(point, result)
    assert not supply.take(point, result)
    assert supply.is_done
    with pytest.raises(DisagreementError, match="compare their versions"):
        supply.take(point, replace(result, orders_hash="other"))


@pytest.mark.parametrize(
    "grid",
    [(), ("fast",), ("fast=",), ("fast=5:1:1",), ("fast=1:5:0",), ("fast=1,1",), ("a=1", "a=2")],
)
def test_a_grid_that_cannot_be_read_says_so(grid: tuple[str, ...]) -> None:
    """What was expected and what came, for every slip."""
    with pytest.raises(OptionError, match="--grid: expected"):
        parse_grid(grid)


def test_a_grid_counts_its_points() -> None:
    """Both ends belong to a range, tenths do not drift, and words are words."""
    grid = parse_grid(["fast=5:50:5", "stop_atr=0.1:0.3:0.1", "entry.style=market,limit"])
    assert grid.size == 10 * 3 * 2
    assert grid.axes[1].values == (0.1, 0.2, 0.3)
    points = list(grid.points())
    assert points == sorted(set(points))
    assert len(points) == grid.size
    assert grid.parameters(points[-1]) == {"fast": 50, "stop_atr": 0.3, "entry.style": "limit"}


def _job(task: Task) -> Job:
    return Job(
        session=task.session.model_dump_json(),
        grid=task.grid,
        engine=task.engine,
        data=data_of(task.dataset),
        version=code_version(task.session, task.dataset),
    )


class _Nobody:
    """A workforce that must not be needed."""

    def work(self, supply: Supply, take: object) -> None:
        """Fail."""
        del supply, take
        pytest.fail("every trial was finished already")
