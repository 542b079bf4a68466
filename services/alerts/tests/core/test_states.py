"""The table of an alert's life."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate_alerts.core.states import ALERTS, Happening
from tidegate_contracts.alerts import AlertState
from tidegate_kernel.table import FORBIDDEN

ALIVE = (AlertState.RAISED, AlertState.REPEATED)


@pytest.mark.parametrize("state", ALERTS.states)
@pytest.mark.parametrize("happening", Happening)
def test_every_cell_is_decided_and_none_crashes(state: AlertState, happening: Happening) -> None:
    """Whatever happens to an alert in whatever state, the shard goes on."""
    assert ALERTS.decide(state, happening) is not FORBIDDEN


@pytest.mark.parametrize("state", ALERTS.states)
def test_what_gets_worse_is_never_quiet(state: AlertState) -> None:
    """A higher severity raises the alert from every state."""
    assert ALERTS.next(state, Happening.WORSENED) is AlertState.RAISED


@pytest.mark.parametrize("state", ALIVE)
def test_a_repetition_within_the_quiet_window_is_only_counted(state: AlertState) -> None:
    """An alert that people have just heard is not said again at once."""
    assert ALERTS.next(state, Happening.SEEN_QUIETLY) is None


def test_what_comes_back_after_it_was_over_is_raised_at_once() -> None:
    """The quiet window does not hide that a resolved thing has returned."""
    assert ALERTS.next(AlertState.RESOLVED, Happening.SEEN_QUIETLY) is AlertState.RAISED


def test_an_acknowledgement_holds_until_the_thing_comes_again() -> None:
    """Within the window the acknowledged alert stays quiet; later it is raised anew."""
    assert ALERTS.next(AlertState.ACKNOWLEDGED, Happening.SEEN_QUIETLY) is None
    assert ALERTS.next(AlertState.ACKNOWLEDGED, Happening.SEEN) is AlertState.RAISED


def test_acknowledging_twice_changes_nothing() -> None:
    """A repeated command is answered, and nothing happens."""
    assert ALERTS.next(AlertState.ACKNOWLEDGED, Happening.ACKNOWLEDGED) is None


def test_the_readme_shows_the_diagram_of_the_table() -> None:
    """The picture that people see is drawn from the table that runs."""
    readme = Path(__file__).parents[2] / "README.md"
    assert ALERTS.mermaid() in readme.read_text(encoding="utf-8")
