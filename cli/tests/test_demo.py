from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from tidegate_cli.chart import chart, resampled
from tidegate_cli.demo.wanted import Wanted, configuration_of
from tidegate_cli.errors import BadData, Misused

VALUES = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=300)


def test_the_default_demo_is_lockstep_on_the_packaged_data() -> None:
    """Both strategies run, with 100,000 USD."""
    (session,) = configuration_of(Wanted()).sessions
    assert (session.name, session.clock) == ("demo", "lockstep")
    assert session.capital.amount == Decimal(100_000)
    assert [each.name for each in session.strategies] == ["ema-crossover", "donchian-breakout"]
    assert session.feed.paths == ("packaged:us-stocks",)


def test_a_number_as_speed_means_the_wall_clock() -> None:
    """N seconds of feed time per second."""
    (session,) = configuration_of(Wanted(speed="3600")).sessions
    assert (session.clock, session.speed) == ("wall", 3600.0)


def test_the_same_strategy_twice_gets_two_names() -> None:
    """Instances are told apart by their names."""
    wanted = Wanted(strategies=("ema-crossover:fast=5,slow=9", "ema-crossover"))
    (session,) = configuration_of(wanted).sessions
    assert [each.name for each in session.strategies] == ["ema-crossover", "ema-crossover-2"]


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "inf", "fast"])
def test_a_speed_that_cannot_be_is_refused(speed: str) -> None:
    """A clock must go forward."""
    with pytest.raises(Misused):
        configuration_of(Wanted(speed=speed))


def test_a_file_that_is_not_there_is_bad_data(tmp_path: Path) -> None:
    """It ends with 5, like a file that is there but wrong."""
    with pytest.raises(BadData, match=r"absent\.csv"):
        configuration_of(Wanted(data=(tmp_path / "absent.csv",)))


@given(VALUES)
def test_a_chart_has_one_column_for_each_point(values: list[float]) -> None:
    """The highest value reaches the top line, the lowest stays at the bottom."""
    lines = chart(values, height=6, width=40)
    columns = len(resampled(values, 40))
    assert len(lines) == 6
    assert {len(line.split("┤")[1]) for line in lines} == {columns}
    assert all(cell != " " for cell in lines[-1].split("┤")[1])


@given(VALUES, st.integers(2, 50))
def test_resampling_keeps_the_first_and_the_last(values: list[float], width: int) -> None:
    """A curve that loses its end lies."""
    points = resampled(values, width)
    assert len(points) == min(len(values), width)
    assert (points[0], points[-1]) == (values[0], values[-1])
