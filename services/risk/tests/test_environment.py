"""Limits by names that users know: they tighten, percent and fractions are told apart."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tidegate_chassis.configuration.known_names import LIMIT_NAMES
from tidegate_chassis.configuration.models import Session
from tidegate_risk.config import RiskLimits, parameters_of, problems_of, settings_of
from tidegate_risk.config.environment import KNOWN_NAMES, tightened
from tidegate_risk.core.strictness import STRICTER


def session(environment: dict[str, str], **limits: Any) -> Session:  # noqa: ANN401 - any limit
    """Return a session with limits and variables."""
    return Session.model_validate(
        {
            "name": "demo",
            "capital": {"amount": "1000"},
            "feed": {"paths": ["bars.csv"]},
            "strategies": [{"name": "ema", "strategy": "ema-crossover"}],
            "limits": limits,
            "limits_environment": environment,
        }
    )


REQUIRED = {
    "MAX_DAILY_LOSS_PCT": "2.0",
    "MAX_POSITION_SIZE": "0.1",
    "MIN_TRADE_AMOUNT": "50",
    "MAX_POSITION_EXPOSURE": "0.3",
    "RISK_PER_TRADE": "0.02",
    "MAX_PORTFOLIO_HEAT": "0.06",
    "DAILY_LOSS_LIMIT": "0.05",
    "MAX_POSITIONS": "3",
}


def test_every_name_means_a_limit_with_a_direction() -> None:
    """The loader hands over exactly the names that are known here."""
    assert set(KNOWN_NAMES) == set(LIMIT_NAMES) == set(REQUIRED)
    for known in KNOWN_NAMES.values():
        assert known.field in RiskLimits.model_fields
        assert known.field in STRICTER


def test_the_usual_values_are_accepted() -> None:
    """Of two daily losses, 2 % and 5 %, the stricter is in force, and both are told."""
    told = session(REQUIRED)
    settings, sources = settings_of(told)
    assert problems_of(told, None) == []
    assert settings.daily_loss_max_percent == Decimal(2)
    assert settings.position_fraction == Decimal("0.1")
    by_name = {each.name: each for each in sources}
    assert by_name["MAX_DAILY_LOSS_PCT"].binds
    assert by_name["DAILY_LOSS_LIMIT"].told() == (
        "daily_loss_max_percent 2.0, stricter than 5.00 by DAILY_LOSS_LIMIT"
    )


def test_a_variable_never_loosens_the_file() -> None:
    """The file's stricter value stays."""
    settings, (source,) = settings_of(session({"MAX_POSITIONS": "9"}, open_positions_max=2))
    assert (settings.open_positions_max, source.binds) == (2, False)


def test_a_variable_tightens_overrides_too() -> None:
    """Also what an account, a strategy or a symbol was given on its own."""
    told = session(
        {"MAX_POSITION_EXPOSURE": "0.25", "MIN_TRADE_AMOUNT": "100"},
        accounts={"demo": {"trade_notional_min": 10}},
        symbols={"BTC/USD": {"symbol_exposure_max_fraction": "0.5"}},
        strategies={"ema": {"symbol_exposure_max_fraction": "0.22"}},
    )
    settings, _ = settings_of(told)
    assert settings.symbols["BTC/USD"]["symbol_exposure_max_fraction"] == Decimal("0.25")
    assert settings.strategies["ema"]["symbol_exposure_max_fraction"] == Decimal("0.22")
    assert parameters_of(told).limits.trade_notional_min == 100


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DAILY_LOSS_LIMIT", "2.0"),
        ("DAILY_LOSS_LIMIT", "0"),
        ("DAILY_LOSS_LIMIT", "0.501"),
        ("MAX_DAILY_LOSS_PCT", "50.1"),
        ("MAX_DAILY_LOSS_PCT", "-1"),
    ],
)
def test_a_daily_loss_outside_of_its_bounds_is_refused_with_both_readings(
    name: str, value: str
) -> None:
    """2.0 may have been meant as 2 % or as 200 %."""
    (problem,) = problems_of(session({name: value}), None)
    assert problem.path == f"sessions.demo.limits_environment.{name}"
    assert problem.expected == "above 0 and at most 0.5 of equity"
    assert problem.found == value
    assert problem.hint.startswith(f"{value} read as percent is ")
    assert ", as a fraction " in problem.hint


@pytest.mark.parametrize(
    ("name", "value"), [("DAILY_LOSS_LIMIT", "0.5"), ("MAX_DAILY_LOSS_PCT", "50")]
)
def test_a_daily_loss_at_its_bound_is_accepted(name: str, value: str) -> None:
    """Half of equity, however it is written."""
    assert problems_of(session({name: value}), None) == []


def test_both_readings_say_what_they_are() -> None:
    """The numbers of the requirement."""
    (problem,) = problems_of(session({"DAILY_LOSS_LIMIT": "2.0"}), None)
    assert problem.hint == "2.0 read as percent is 2 %, as a fraction 200 %"


def test_the_files_own_daily_loss_is_refused_with_both_readings() -> None:
    """A fraction written where percent are meant is too small to see, a large one is refused."""
    (problem,) = problems_of(session({}, daily_loss_max_percent=200), None)
    assert problem.hint.endswith("200 read as percent is 200 %, as a fraction 20000 %")


@pytest.mark.parametrize("text", ["hunter2-secret", "", "nan", "1e400000", "Infinity", "9" * 40])
def test_what_is_no_number_is_not_repeated(text: str) -> None:
    """It may be a secret in the wrong place."""
    (problem,) = problems_of(session({"MAX_POSITION_SIZE": text}), None)
    assert problem.found == "text that is not one"
    assert not text or text not in problem.sentence()


@pytest.mark.parametrize("value", ["0", "2.5", "-1"])
def test_a_count_is_a_whole_number(value: str) -> None:
    """At least one position."""
    assert problems_of(session({"MAX_POSITIONS": value}), None)


@given(
    st.decimals("0.001", "0.2", places=3),
    st.decimals("0.001", "0.2", places=3),
    st.decimals("0.1", "20", places=1),
)
def test_the_strictest_daily_loss_is_in_force(
    fraction: Decimal, other: Decimal, percent: Decimal
) -> None:
    """Whatever says it: the file, the fraction or the percent."""
    settings = RiskLimits.model_validate({"daily_loss_max_percent": other * 100})
    environment = {"DAILY_LOSS_LIMIT": str(fraction), "MAX_DAILY_LOSS_PCT": str(percent)}
    after, _ = tightened(settings, environment)
    assert after.daily_loss_max_percent == min(fraction * 100, other * 100, percent)


def test_a_profile_is_what_stands_under_the_rest() -> None:
    """The document's own words go before, and writing them out changes nothing."""
    settings = RiskLimits.model_validate({"profile": "conservative", "open_positions_max": 2})
    assert (settings.position_fraction, settings.open_positions_max) == (Decimal("0.10"), 2)
    assert RiskLimits.model_validate(settings.model_dump()) == settings


def test_an_unknown_profile_is_a_problem() -> None:
    """With the names there are."""
    (problem,) = problems_of(session({}, profile="reckless"), None)
    assert "'moderate'" in problem.expected


def test_an_accounts_limits_are_those_of_its_sessions() -> None:
    """A file may serve several accounts; each session resolves its own."""
    told = session({}, accounts={"demo": {"open_orders_max": 3}, "other": {"open_orders_max": 1}})
    assert parameters_of(told).limits.open_orders_max == 3


def test_equal_limits_have_equal_hashes() -> None:
    """However they are written: numbers, text, trailing zeros, order."""
    one = parameters_of(session({}, position_fraction="0.10", open_orders_max=5))
    two = parameters_of(session({}, open_orders_max=5, position_fraction=0.1))
    other = parameters_of(session({}, open_orders_max=6, position_fraction=0.1))
    assert one.limits_sha256 == two.limits_sha256 != other.limits_sha256


def test_a_bad_override_is_a_problem_of_the_configuration() -> None:
    """It names where it stands."""
    configuration = session({}, accounts={"demo": {"open_orders_max": 0}})
    (problem,) = problems_of(configuration, None)
    assert problem.path == "sessions.demo.limits.accounts.demo.open_orders_max"
    assert problem.expected == "at least 1"
