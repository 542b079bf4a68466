"""Breakers: told when they trip, when people may lower them, and over when they are armed."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate_alerts.core.rules.breakers import see_breaker
from tidegate_alerts.testing import START
from tidegate_contracts.alerts import Severity
from tidegate_contracts.risk import BreakerEvent, BreakerState, GateLevel

OPEN, REDUCE_ONLY, HALTED = GateLevel.OPEN, GateLevel.REDUCE_ONLY, GateLevel.HALTED


def event(state: BreakerState, level: GateLevel = OPEN, **fields: Any) -> BreakerEvent:  # noqa: ANN401
    """Return a word of the breaker of the day's loss."""
    return BreakerEvent(
        session="demo",
        account="demo",
        breaker="daily_loss",
        scope="session:demo",
        state=state,
        level=level,
        trip=1,
        at_ns=START,
        reason="expected little, found much",
        **fields,
    )


@pytest.mark.parametrize(
    ("level", "severity"), [(REDUCE_ONLY, Severity.WARNING), (HALTED, Severity.CRITICAL)]
)
def test_a_trip_is_urgent_and_as_bad_as_its_level(level: GateLevel, severity: Severity) -> None:
    """What only stops entries is a warning."""
    (found,) = see_breaker(event(BreakerState.TRIPPED, level))
    assert (found.subject, found.urgent) == ("daily_loss|session:demo", True)
    assert found.severity is severity
    assert found.title == f"Breaker daily_loss of session:demo tripped: {level.name}"
    assert found.text == "expected little, found much."


def test_when_it_is_over_people_learn_that_they_may_lower_it() -> None:
    """It still holds."""
    (found,) = see_breaker(event(BreakerState.CLEARED, HALTED))
    assert "holds HALTED" in found.title
    assert "Two principals may lower session:demo now" in found.text
    assert not found.over


def test_a_lowering_names_who_and_until_when_sizes_are_small() -> None:
    """The recovery has an end."""
    (found,) = see_breaker(
        event(BreakerState.RECOVERING, principal="operator and approver", until_ns=START)
    )
    assert "lowered by operator and approver; until " in found.text


def test_a_pause_is_for_information() -> None:
    """It ends by itself."""
    (found,) = see_breaker(event(BreakerState.PAUSED, REDUCE_ONLY, until_ns=START))
    assert found.severity is Severity.INFO
    assert not found.urgent


def test_an_armed_breaker_ends_its_alert() -> None:
    """One alert from the trip to the end of the recovery."""
    (found,) = see_breaker(event(BreakerState.ARMED))
    assert found.over
