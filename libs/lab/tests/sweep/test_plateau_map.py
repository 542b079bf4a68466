"""The plateau map holds every trial, at its place, with what its neighbours keep."""

from __future__ import annotations

from pathlib import Path

import pytest
from plotly import graph_objects

from tidegate_lab.statistics.plateau import Point
from tidegate_lab.sweep.grid import parse_grid
from tidegate_lab.sweep.plateau_map import SCREENED, PlateauMap
from tidegate_lab.sweep.running import Here, Search, Task

from .conftest import make_sweep

SHARPES: dict[Point, float | None] = {(0, 0): 0.1, (0, 1): 0.2, (1, 0): None, (1, 1): 0.05}


def map_of(*grid: str, sharpes: dict[Point, float | None], screened: bool = False) -> PlateauMap:
    """Return the map of a grid, with a year of 100 days."""
    return PlateauMap(parse_grid(grid), sharpes, per_year=100, screened=screened)


def test_each_trial_stands_at_its_place() -> None:
    """Sharpe ratios are per year, and a place that was not tried is blank."""
    found = map_of("fast=1,2", "slow=10,20,30", sharpes=SHARPES)
    assert found.best == (0, 1)
    ((title, plane),) = found.figures().items()
    assert title == "fast and slow"
    heat, mark = plane["data"]
    assert (heat["x"], heat["y"]) == (["10", "20", "30"], ["1", "2"])
    assert heat["z"] == [[1.0, 2.0, None], [None, 0.5, None]]
    assert (mark["x"], mark["y"]) == (["20"], ["1"])
    assert heat["text"][0][2] == "not tried"
    assert heat["text"][1][0] == "fast 2, slow 10<br>too few days"
    graph_objects.Figure(plane)


def test_neighbours_keep_what_they_earn() -> None:
    """One step away on every axis; a trial that earned nothing has nothing to keep."""
    trials = map_of("fast=1,2", "slow=10,20", sharpes=SHARPES).trials
    kept = trials[0, 1].plateau
    assert kept is not None
    assert (kept.neighbours, kept.worst_kept) == (3, 0)
    assert kept.mean_kept == pytest.approx(0.25)
    assert trials[1, 0].plateau is None


def test_every_pair_of_parameters_is_a_plane_through_the_best() -> None:
    """Of three parameters three planes; one with a single value makes none."""
    grid = ("a=1,2", "b=1,2", "c=1,2", "d=7")
    sharpes: dict[Point, float | None] = {
        (a, b, c, 0): (a + 2 * b + 4 * c) / 10 for a in (0, 1) for b in (0, 1) for c in (0, 1)
    }
    figures = map_of(*grid, sharpes=sharpes).figures()
    assert list(figures) == ["a and b", "a and c", "b and c"]
    assert figures["a and b"]["data"][0]["z"] == [[4.0, 6.0], [5.0, 7.0]]


def test_one_parameter_is_a_line_and_screened_trials_say_so() -> None:
    """In the page's first words, and beside each trial."""
    found = map_of("fast=1,2,3", sharpes={(0,): 0.1, (2,): 0.3}, screened=True)
    ((_, plot),) = found.figures().items()
    assert plot["data"][0]["y"] == [1.0, None, 3.0]
    assert plot["data"][0]["text"][2].endswith("screened")
    page = found.page("ema <b>")
    assert SCREENED in page
    assert "Plateau map: ema &lt;b&gt;" in page


def test_a_sweep_gives_the_map_of_all_its_trials(task: Task, tmp_path: Path) -> None:
    """The best on the map is the best of the ranking."""
    sweep = make_sweep(task, tmp_path)
    found = sweep.run(Search(), Here(task), lambda _: None)
    plateau_map = sweep.plateau_map()
    assert len(plateau_map.trials) == found.tried
    best = plateau_map.trials[plateau_map.best]
    assert best.parameters == found.best[0].parameters
    assert best.sharpe is not None
    assert found.best[0].honest.sharpe == pytest.approx(best.sharpe)
    assert best.plateau == found.best[0].plateau
