"""The heartbeat of a decision shard: alive, committed, this far along the gate's events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.risk import Heartbeat
from tidegate_risk.core.decision.machine import DecisionMachine

if TYPE_CHECKING:
    from tidegate_kernel.machine import Machine


def beat(machine: Machine, term: int, wall_ns: int) -> Heartbeat:
    """Return the heartbeat that the host signs and sends after a commit."""
    assert isinstance(machine, DecisionMachine)
    session = machine.parameters.session
    return Heartbeat(
        shard=f"risk/{session}",
        session=session,
        term=term,
        gate_epoch=machine.state.gate.epoch,
        sent_at_ns=wall_ns,
    )
