"""The section `alerts:`, and what becomes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_alerts.config import check, parameters_of, settings_of
from tidegate_alerts.core.parameters import AlertsParameters
from tidegate_chassis.configuration.models import Configuration
from tidegate_contracts.alerts import Severity


def configuration(alerts: dict[str, Any] | None = None, **session: Any) -> Configuration:  # noqa: ANN401
    """Return a configuration of one session."""
    fields = {
        "name": "demo",
        "capital": {"amount": "1000"},
        "feed": {"paths": ["bars.csv"]},
        "strategies": [{"name": "trend", "strategy": "ema-crossover"}],
    }
    return Configuration.model_validate({"sessions": [fields | session], "alerts": alerts or {}})


def parameters(alerts: dict[str, Any] | None = None, **session: Any) -> AlertsParameters:  # noqa: ANN401
    """Return the parameters of that session."""
    made = configuration(alerts, **session)
    return parameters_of(settings_of(made.alerts), made.session("demo"))


def test_without_a_section_warnings_go_to_the_log() -> None:
    """Every rule is on and one channel is open."""
    made = parameters()
    assert [(c.name, c.kind, c.severity_min) for c in made.channels] == [
        ("log", "log", Severity.WARNING)
    ]
    assert made.rules.drawdown.ladder.limit_percent == Decimal(10)
    assert made.lockstep
    assert check(configuration()) == []


def test_the_daily_loss_is_the_sessions_own_limit() -> None:
    """Risk's limit is warned of, unless the rule names another."""
    limits = {"daily_loss_max_percent": "5.0"}
    assert parameters(limits=limits).rules.daily_loss.ladder.limit_percent == Decimal(5)
    section = {"rules": {"daily_loss": {"limit_percent": 3}}}
    assert parameters(section, limits=limits).rules.daily_loss.ladder.limit_percent == Decimal(3)
    assert parameters().rules.daily_loss.ladder.limit_percent == Decimal(2)


def test_waits_follow_the_sessions_speed() -> None:
    """A session at 60 times waits five of the wall's seconds, which are 300 of its own."""
    made = parameters(clock="wall", speed=60)
    assert made.delivery.retry_ns == 300_000_000_000


def test_a_rule_can_be_switched_off() -> None:
    """`enabled: false` reaches the machine."""
    assert not parameters({"rules": {"fill": {"enabled": False}}}).rules.fill.enabled


def test_all_problems_are_reported_together_with_their_paths() -> None:
    """One check names every field that is wrong."""
    problems = check(
        configuration(
            {
                "quiet": "soon",
                "rules": {"drawdown": {"limit_percent": 0}, "weather": {}},
                "attempts_max": 0,
            }
        )
    )
    assert {problem.path for problem in problems} == {
        "alerts.quiet",
        "alerts.rules.drawdown.limit_percent",
        "alerts.rules.weather",
        "alerts.attempts_max",
    }
    (quiet,) = [problem for problem in problems if problem.path == "alerts.quiet"]
    assert quiet.sentence() == (
        "alerts.quiet: expected a duration such as 250ms, 5m, 1h or 1d, found 'soon'"
    )


@pytest.mark.parametrize(
    "channels",
    [
        [{"name": "phone", "kind": "webhook"}],
        [{"name": "log", "kind": "log", "url_env": "LOG_URL"}],
        [{"name": "phone", "kind": "webhook", "url_env": "https://example.org"}],
        [{"name": "log", "kind": "log"}, {"name": "log", "kind": "log"}],
    ],
)
def test_channels_that_cannot_work_are_problems(channels: list[dict[str, str]]) -> None:
    """A channel without its URL's variable, a URL in the file, a name given twice."""
    assert check(configuration({"channels": channels}))
