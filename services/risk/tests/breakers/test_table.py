"""The tables of breakers: every state x event is decided, and what each decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate_contracts.risk import BreakerState
from tidegate_kernel.table import FORBIDDEN, IGNORED, TransitionTable
from tidegate_risk.breakers_reference import breakers_page
from tidegate_risk.core.breakers.registry import BREAKERS, BY_NAME
from tidegate_risk.core.breakers.table import LATCHING, PAUSING, Event, State

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "breakers.md"

LATCHES = {
    (State.ARMED, Event.TRIP): State.TRIPPED,
    (State.TRIPPED, Event.OVER): State.CLEARED,
    (State.CLEARED, Event.TRIP): State.TRIPPED,
    (State.CLEARED, Event.LOWERED): State.RECOVERING,
    (State.RECOVERING, Event.TRIP): State.TRIPPED,
    (State.RECOVERING, Event.TIME_UP): State.ARMED,
}
PAUSES = {
    (State.ARMED, Event.TRIP): State.PAUSED,
    (State.PAUSED, Event.TRIP): State.PAUSED,
    (State.PAUSED, Event.TIME_UP): State.ARMED,
}


@pytest.mark.parametrize(("table", "moves"), [(LATCHING, LATCHES), (PAUSING, PAUSES)])
def test_a_table_moves_as_it_says_and_nowhere_else(
    table: TransitionTable[State, Event], moves: dict[tuple[State, Event], State]
) -> None:
    """Everything that is not a move changes nothing or cannot happen."""
    for state in table.states:
        for event in table.events:
            cell = table.decide(state, event)
            expected = moves.get((state, event))
            assert cell is expected or (expected is None and cell in {IGNORED, FORBIDDEN})


def test_a_lowering_that_comes_too_early_changes_nothing() -> None:
    """While it is TRIPPED only the end of its cause helps."""
    assert LATCHING.decide(State.TRIPPED, Event.LOWERED) is IGNORED


def test_states_have_the_numbers_of_the_contract() -> None:
    """A state and its message mean the same."""
    assert {s.name: s.value for s in State} == {
        s.name: s.value for s in BreakerState if s is not BreakerState.UNSPECIFIED
    }


def test_every_breaker_has_a_name_of_its_own() -> None:
    """Names are what people and the gate know them by."""
    assert len(BY_NAME) == len(BREAKERS)


def test_the_page_is_fresh() -> None:
    """Otherwise: python -m tidegate_risk.breakers_reference > docs/reference/breakers.md."""
    assert PAGE.read_text(encoding="utf-8") == breakers_page()
