"""From a session of the configuration to the books' parameters."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from tidegate_chassis.configuration.models import Configuration
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND
from tidegate_portfolio.config import check, parameters_of

NS_PER_MINUTE = 60 * NS_PER_SECOND


def configuration(**session: Any) -> Configuration:  # noqa: ANN401 - any of its fields
    """Return a configuration of one session."""
    fields = {
        "name": "demo",
        "capital": {"amount": "100000", "currency": "USDT"},
        "feed": {"paths": ["bars.csv"]},
        "strategies": [{"name": "trend", "strategy": "ema-crossover"}],
    }
    return Configuration.model_validate({"sessions": [fields | session]})


def test_the_books_follow_from_the_session() -> None:
    """Account, feed, currency and capital are the session's own."""
    parameters = parameters_of(configuration().session("demo"))
    assert (parameters.account, parameters.feed) == ("demo", "replay-demo")
    assert (parameters.capital, parameters.currency) == (Decimal(100_000), "USDT")
    assert parameters.valued_currencies() == ("USD", "USDC", "USDT")


def test_a_session_that_runs_faster_settles_longer_in_its_own_time() -> None:
    """A quarter of a second of the wall is fifteen seconds of a session at 60 times."""
    parameters = parameters_of(configuration(clock="wall", speed=60).session("demo"))
    assert parameters.settle_ns == 15_000_000_000
    assert not parameters.lockstep


def test_a_currency_of_its_own_counts_alone() -> None:
    """An account in EUR counts nothing else."""
    capital = {"amount": "1", "currency": "EUR"}
    parameters = parameters_of(configuration(capital=capital).session("demo"))
    assert parameters.valued_currencies() == ("EUR",)


def test_a_valid_configuration_has_no_problems() -> None:
    """The common case is quiet."""
    assert check(configuration()) == []


def test_the_books_intervals_are_the_configurations() -> None:
    """Each may be set; what is not follows from the clock."""
    books = {"snapshot_interval": "15m", "performance_interval": "1d", "mark_age_max": "2d"}
    parameters = parameters_of(configuration(books=books).session("demo"))
    assert parameters.snapshot_interval_ns == 15 * NS_PER_MINUTE
    assert parameters.performance_interval_ns == NS_PER_DAY
    assert parameters.mark_age_ns_max == 2 * NS_PER_DAY
    wall = parameters_of(configuration(clock="wall").session("demo"))
    assert (wall.snapshot_interval_ns, wall.mark_age_ns_max) == (NS_PER_MINUTE, 7 * NS_PER_DAY)


def test_an_interval_below_a_second_is_a_problem() -> None:
    """Its field and what may stand there are named."""
    wrong = configuration(books={"snapshot_interval": "10ms", "mark_age_max": "1ms"})
    problems = check(wrong)
    assert [each.path for each in problems] == [
        "sessions.demo.books.snapshot_interval",
        "sessions.demo.books.mark_age_max",
    ]
    assert (problems[0].expected, problems[0].found) == ("a second or longer", "10ms")


def test_what_is_no_duration_is_refused_where_it_stands() -> None:
    """The model itself knows durations."""
    with pytest.raises(ValidationError, match="snapshot_interval"):
        configuration(books={"snapshot_interval": "soon"})
