"""The gate's table: every level and command is decided, raises never soften, and so on."""

from __future__ import annotations

import pytest

from tidegate_contracts.risk import GateAction, GateLevel
from tidegate_kernel.gate import Action, Level
from tidegate_kernel.table import IGNORED
from tidegate_risk.core.gate.table import GATE_TABLE, LOWERINGS, RAISES


def test_the_kernels_numbers_are_the_contracts() -> None:
    """Levels and actions mean the same in both."""
    assert {level.name: level.value for level in Level} == _named(GateLevel)
    assert {action.name: action.value for action in Action} == _named(GateAction)


def _named(enum: type[GateLevel | GateAction]) -> dict[str, int]:
    return {each.name: each.value for each in enum if each.value}


@pytest.mark.parametrize("current", list(Level))
@pytest.mark.parametrize("wanted", list(RAISES))
def test_a_raise_leads_to_the_worse_level(current: Level, wanted: Level) -> None:
    """Never softer than before, never softer than asked for."""
    assert GATE_TABLE.decide(current, RAISES[wanted]) == max(current, wanted)


@pytest.mark.parametrize("current", list(Level))
@pytest.mark.parametrize("wanted", list(LOWERINGS))
def test_a_lowering_leads_down_or_nowhere(current: Level, wanted: Level) -> None:
    """To the level asked for if that is lower, else it is ignored."""
    expected = wanted if wanted < current else IGNORED
    assert GATE_TABLE.decide(current, LOWERINGS[wanted]) == expected


def test_the_diagram_shows_every_change() -> None:
    """Ten raises and ten lowerings change the level."""
    assert GATE_TABLE.mermaid().count("-->") == 20
