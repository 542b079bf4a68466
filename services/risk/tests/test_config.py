"""Settings: defaults that trade, bounds that bind, and problems that say where."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_chassis.configuration.models import Configuration
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.config import PROFILES, check, gate_parameters, parameters_of


def configuration(**session: Any) -> Configuration:  # noqa: ANN401
    """Return a configuration of one session."""
    usual = {
        "name": "demo",
        "account": "paper",
        "capital": {"amount": "100000", "currency": "USD"},
        "feed": {"kind": "replay", "paths": ["bars.csv"]},
        "strategies": [{"name": "ema", "strategy": "ema-crossover"}],
    }
    return Configuration.model_validate({"sessions": [{**usual, **session}]})


def test_the_defaults_are_valid() -> None:
    """A session without limits has all of them."""
    assert check(configuration()) == []
    told = parameters_of(configuration().sessions[0])
    assert (told.session, told.account, told.feed) == ("demo", "paper", "replay-demo")
    assert (told.capital, told.currency) == (Decimal(100_000), "USD")


def test_a_lockstep_verdict_has_no_life() -> None:
    """It does not expire."""
    assert parameters_of(configuration().sessions[0]).verdict_ttl_ns == 0


def test_a_fast_session_stretches_what_passes_on_the_wall() -> None:
    """At a hundred times the wall, a verdict of 2 s lives 200 s of session time."""
    told = parameters_of(configuration(clock="wall", speed=100).sessions[0])
    assert told.verdict_ttl_ns == 200 * NS_PER_SECOND
    assert told.limits.signal_age_max_ns == 500 * NS_PER_SECOND
    assert told.limits.rate_window_ns == 60 * NS_PER_SECOND


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("daily_loss_max_percent", 0),
        ("daily_loss_max_percent", 50.1),
        ("position_fraction", 0),
        ("position_fraction", 1.1),
        ("open_positions_max", 0),
        ("verdict_ttl_s", 0),
        ("max_positions", 3),
    ],
)
def test_a_value_out_of_bounds_is_a_problem_at_its_place(field: str, value: float) -> None:
    """The path names session and field."""
    (problem,) = check(configuration(limits={field: value}))
    assert problem.path == f"sessions.demo.limits.{field}"
    assert problem.expected


@pytest.mark.parametrize("percent", [0.001, 50])
def test_a_daily_loss_at_its_bounds_is_valid(percent: float) -> None:
    """Above zero, up to and including fifty percent."""
    assert check(configuration(limits={"daily_loss_max_percent": percent})) == []


def test_every_problem_is_reported_together() -> None:
    """Two wrong fields, two problems."""
    assert len(check(configuration(limits={"open_orders_max": 0, "position_fraction": 2}))) == 2


def test_sizes_that_no_limit_lets_through_are_a_problem() -> None:
    """A position larger than the largest order would refuse every entry."""
    (problem,) = check(configuration(limits={"position_fraction": 0.26}))
    assert problem.path == "sessions.demo.limits"
    assert "position_fraction at most 0.25" in problem.expected


def test_a_lowering_waits_ten_minutes() -> None:
    """That is how long a second principal has."""
    assert gate_parameters().request_valid_ns == 600 * NS_PER_SECOND


def test_every_profile_is_valid_and_the_moderate_one_is_the_default() -> None:
    """A name stands for limits that a session may have."""
    for profile in PROFILES.values():
        assert check(configuration(limits=dict(profile))) == []
    assert PROFILES["moderate"] == {}


def test_a_bolder_profile_allows_more() -> None:
    """Sizes and losses grow from conservative over moderate to aggressive."""
    told = [parameters_of(configuration(limits=dict(p)).sessions[0]) for p in PROFILES.values()]
    for name in ("order_notional_max_fraction", "gross_exposure_max_fraction", "rate_orders_max"):
        values = [getattr(each.limits, name) for each in told]
        assert values == sorted(set(values))
    fractions = [each.sizing.position_fraction for each in told]
    assert fractions == sorted(set(fractions))
