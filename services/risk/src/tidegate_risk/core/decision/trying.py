"""A machine that goes on from where another stands, under another document of limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.changes.document import under
from tidegate_risk.core.changes.standing import new_standing
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.decision.state import read_state

if TYPE_CHECKING:
    from tidegate_risk.core.changes.document import LimitsDocument


def under_document(machine: DecisionMachine, document: LimitsDocument) -> DecisionMachine:
    """Return a copy with this document in force, as if the configuration had always held it."""
    parameters = under(machine.parameters, document)
    state = read_state(machine.snapshot(), parameters)
    state.limits = new_standing(document)
    return DecisionMachine(parameters, state)
