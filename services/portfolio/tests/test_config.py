"""From a session of the configuration to the books' parameters."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tidegate_chassis.configuration.models import Configuration
from tidegate_portfolio.config import check, parameters_of


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
