"""Settings: defaults that trade, bounds that bind, and problems that say where."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tidegate_chassis.configuration.models import Configuration
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.config import (
    PROFILES,
    RiskLimits,
    check,
    document_of,
    gate_parameters,
    parameters_of,
)
from tidegate_risk.core.changes.comparing import changes_between
from tidegate_risk.core.parameters import Limits


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
    fractions = [each.limits.position_fraction for each in told]
    assert fractions == sorted(set(fractions))


def test_every_limit_of_the_core_has_the_kind_that_it_declares() -> None:
    """The core's limits are made from the settings by name: a wrong kind would show only late."""
    limits = parameters_of(configuration().sessions[0]).limits
    assert msgspec.convert(msgspec.structs.asdict(limits), Limits, strict=True) == limits


def test_estimates_are_required_of_live_sessions_unless_said_otherwise() -> None:
    """A backtest begins without history; a live session waits for it."""
    for mode, said, expected in (
        ("paper", None, False),
        ("live", None, True),
        ("live", False, False),
        ("paper", True, True),
    ):
        limits = {} if said is None else {"estimates_required": said}
        told = parameters_of(configuration(mode=mode, limits=limits).sessions[0])
        assert told.limits.estimates_required is expected


def test_a_strategy_and_a_symbol_may_have_limits_of_their_own() -> None:
    """Only what was named differs, and a window in seconds becomes one in nanoseconds."""
    limits = {
        "strategies": {"ema": {"position_fraction": 0.1, "duplicate_window_s": 5}},
        "symbols": {"AAPL": {"order_quantity_max": 7}},
    }
    told = parameters_of(configuration(limits=limits).sessions[0])
    strategy, symbol = told.overrides
    assert (strategy.scope, strategy.names) == (
        "strategy:ema",
        ("position_fraction", "duplicate_window_ns"),
    )
    assert strategy.limits.duplicate_window_ns == 5 * NS_PER_SECOND
    assert (symbol.scope, symbol.names) == ("symbol:AAPL", ("order_quantity_max",))
    assert symbol.limits.order_quantity_max == 7


@pytest.mark.parametrize(
    "changes", [{"position_fraction": 2}, {"unknown": 1}, {"position_fraction": 0.9}], ids=str
)
def test_a_wrong_limit_of_a_strategy_is_a_problem(changes: dict[str, Any]) -> None:
    """Bounds, names and what must fit together are judged as for the session."""
    (problem,) = check(configuration(limits={"strategies": {"ema": changes}}))
    assert problem.path.startswith("sessions.demo.limits.strategies.ema")


def test_problems_of_overrides_are_told_together_with_the_sessions() -> None:
    """Each once, at its own place; a name that is nearly right is suggested."""
    found = check(
        configuration(
            limits={
                "open_position_max": 1,
                "symbols": {"AAPL": {"open_orders_max": 0}, "IBM": {"var_max_fraction": 2}},
            }
        )
    )
    place = "sessions.demo.limits"
    assert {problem.path: problem.expected for problem in found} == {
        f"{place}.open_position_max": "open_positions_max",
        f"{place}.symbols.AAPL.open_orders_max": "at least 1",
        f"{place}.symbols.IBM.var_max_fraction": "at most 1",
    }


def test_blackouts_are_told_in_their_order() -> None:
    """By name in the document, by time in the core; a symbol may have its own."""
    first, second = "2026-01-28T18:55:00Z/2026-01-28T19:30:00Z", "2026-03-18T18:00:00Z/2026-03-19"
    limits = {"blackouts": {"b": second, "a": first}, "symbols": {"X": {"blackouts": {}}}}
    told = parameters_of(configuration(limits=limits).sessions[0])
    assert [each.name for each in told.limits.blackouts] == ["a", "b"]
    assert told.limits.blackouts[0].ends_ns - told.limits.blackouts[0].begins_ns == (
        35 * 60 * NS_PER_SECOND
    )
    assert told.overrides[0].limits.blackouts == ()


def test_a_blackout_that_is_none_is_named_where_it_stands() -> None:
    """Of the session and of a symbol, each with what is wrong with it, and how it is written."""
    limits = {
        "blackouts": {"weekly": "every Fry 21:00-22:00", "good": "15m after open"},
        "symbols": {"X": {"blackouts": {"noon": "at noon"}}},
    }
    found = {each.path: each for each in check(configuration(limits=limits))}
    place = "sessions.demo.limits"
    assert set(found) == {f"{place}.blackouts.weekly", f"{place}.symbols.X.blackouts.noon"}
    weekly = found[f"{place}.blackouts.weekly"]
    assert weekly.expected.startswith("a day of the week")
    assert weekly.found == "'every Fry 21:00-22:00'"
    assert "`15m before close`" in weekly.hint


@pytest.mark.parametrize(
    "interval",
    ["2026-01-28", "tomorrow/2026-01-28", "2026-01-28/2026-01-28", "2026-01-29/2026-01-28"],
)
def test_a_blackout_that_is_no_interval_is_a_problem(interval: str) -> None:
    """Two times, the earlier one first."""
    (problem,) = check(configuration(limits={"blackouts": {"event": interval}}))
    assert problem.path.startswith("sessions.demo.limits")


@pytest.mark.parametrize(
    ("careful", "bold"), [("conservative", "moderate"), ("moderate", "aggressive")]
)
def test_a_more_careful_profile_loosens_nothing(careful: str, bold: str) -> None:
    """One principal is enough to become more careful; the way back takes two."""
    after, before = (
        document_of(RiskLimits.model_validate({"profile": name}), configuration().sessions[0])
        for name in (careful, bold)
    )
    assert not any(each.looser for each in changes_between(before.resolved, after.resolved))
    assert any(each.looser for each in changes_between(after.resolved, before.resolved))


@pytest.mark.parametrize(
    ("session", "days"),
    [
        ({}, 0),
        ({"mode": "live", "clock": "wall"}, 30),
        ({"mode": "live", "clock": "wall", "limits": {"launch_ramp_s": 0}}, 0),
        ({"limits": {"launch_ramp_s": 172_800}}, 2),
    ],
)
def test_a_live_session_begins_small_for_a_month(session: dict[str, Any], days: int) -> None:
    """Unless its limits say otherwise; others begin at once."""
    base = configuration().sessions[0]
    told = parameters_of(base.model_copy(update=session)).limits
    assert told.launch_ramp_ns == days * 86_400 * NS_PER_SECOND
