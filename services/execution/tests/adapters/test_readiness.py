"""A wall-clock session is ready when its account is reconciled."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tidegate_execution.adapters.readiness import not_reconciled
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.testing import DAY_0_NS, SessionRig, execution_parameters, instrument
from tidegate_kernel.machine import TermStarted


@dataclass
class Shard:
    """A shard that this process leads, or does not."""

    machine: ExecutionMachine | None


def new_leader(*, lockstep: bool) -> SessionRig:
    """Return a session whose second leader has just begun."""
    rig = SessionRig(parameters=execution_parameters(lockstep=lockstep))
    rig.instant(DAY_0_NS, [TermStarted(1), instrument()])
    rig.execution.handle(TermStarted(2), DAY_0_NS)
    return rig


def test_a_wall_clock_session_is_not_ready_before_it_is_reconciled() -> None:
    """The reason names the shard and what is missing."""
    rig = new_leader(lockstep=False)
    assert not_reconciled([Shard(rig.execution)]) == [
        "execution/demo: not reconciled: a new leader has not compared the account yet"
    ]


def test_a_session_that_has_compared_nothing_yet_says_so() -> None:
    """From its first moment on."""
    machine = ExecutionMachine.restore(execution_parameters(lockstep=False), None)
    (reason,) = not_reconciled([Shard(machine)])
    assert reason.endswith("the venue's account has not been compared yet")


def test_a_reconciled_session_is_ready() -> None:
    """Once the venue has answered, nothing is missing."""
    rig = SessionRig(parameters=execution_parameters(lockstep=False))
    rig.instant(DAY_0_NS, [TermStarted(1), instrument()])
    assert not_reconciled([Shard(rig.execution)]) == []


@pytest.mark.parametrize("machine", [new_leader(lockstep=True).execution, None])
def test_lockstep_and_standby_have_nothing_to_wait_for(machine: ExecutionMachine | None) -> None:
    """In lockstep no order waits for it; a standby says itself that it is one."""
    assert not_reconciled([Shard(machine)]) == []
