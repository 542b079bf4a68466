from __future__ import annotations

import pytest

from tidegate_chassis.configuration import ConfigurationError
from tidegate_lab.backtest.options import Options, session_of
from tidegate_lab.replayed import replay_of


@pytest.mark.parametrize("capital", ["1000USD", "1000USDT"])
def test_data_are_read_for_an_account_that_can_be_valued(capital: str) -> None:
    """The par currencies count one for one."""
    assert replay_of(session_of(Options(capital=capital).of_demo())).bar_count == 12_154


def test_an_account_in_a_currency_without_prices_is_a_problem() -> None:
    """Otherwise a whole backtest would be refused signals, with no word of why."""
    with pytest.raises(ConfigurationError) as caught:
        replay_of(session_of(Options(capital="1000EUR").of_demo()))
    (problem,) = caught.value.problems
    assert problem.path == "sessions.demo.capital.currency"
    assert (problem.expected, problem.found) == (
        "a currency that its data are priced in: USD",
        "EUR",
    )
