"""What execution does for a breaker of its session."""

from __future__ import annotations

import msgspec
import pytest

from tidegate_contracts.risk import BreakerEvent, BreakerState, GateLevel
from tidegate_execution.testing import (
    DAY_0_NS,
    SessionRig,
    bar,
    execution_parameters,
    instrument,
    lowered,
    raised,
    verdict,
)
from tidegate_kernel.time import NS_PER_DAY

FLAT = (100, 101, 99, 100)


def at(day: int) -> int:
    """Return the instant at which the bar of a day is known."""
    return DAY_0_NS + (day + 1) * NS_PER_DAY


def held(level: GateLevel = GateLevel.REDUCE_ONLY, **changes: object) -> BreakerEvent:
    """Return a trip of the day's loss."""
    usual = BreakerEvent(
        session="demo",
        account="demo",
        breaker="daily_loss",
        scope="session:demo",
        state=BreakerState.TRIPPED,
        level=level,
        trip=1,
    )
    return msgspec.structs.replace(usual, **changes)


def over() -> BreakerEvent:
    """Return the end of it."""
    return held(GateLevel.OPEN, state=BreakerState.RECOVERING)


@pytest.fixture
def rig() -> SessionRig:
    """A session with one stock that has closed one bar at 100."""
    made = SessionRig()
    made.instant(at(0), [instrument(), bar(0, FLAT)])
    return made


def test_a_tripped_breaker_refuses_entries_until_it_is_lowered(rig: SessionRig) -> None:
    """It acts at the last hop, whatever risk has approved meanwhile."""
    rig.instant(at(0), [held(), verdict(at(0))])
    assert rig.states() == ["REJECTED"]
    rig.instant(at(1), [over(), bar(1, FLAT), verdict(at(1))])
    assert rig.states()[1:] == ["PENDING", "SUBMITTING", "WORKING"]


def test_it_holds_while_it_is_cleared(rig: SessionRig) -> None:
    """Over is not lowered."""
    rig.instant(at(0), [held(), held(state=BreakerState.CLEARED), verdict(at(0))])
    assert rig.states() == ["REJECTED"]


def test_a_pause_is_risk_s_own_business(rig: SessionRig) -> None:
    """It refuses signals; what is open stays."""
    rig.instant(at(0), [held(state=BreakerState.PAUSED), verdict(at(0))])
    assert rig.states() == ["PENDING", "SUBMITTING", "WORKING"]


def test_a_halt_cancels_what_is_open(rig: SessionRig) -> None:
    """An entry that waits for its bar is cancelled in the turn that hears of it."""
    rig.instant(at(0), [verdict(at(0))])
    rig.instant(at(0) + 1, [held(GateLevel.HALTED)])
    assert rig.states()[-1] == "CANCELLED"


def test_in_lockstep_the_gate_s_word_for_the_breaker_changes_nothing(rig: SessionRig) -> None:
    """It comes at any time: neither its level, its epoch nor its lowering counts."""
    raise_ = msgspec.structs.replace(
        raised(GateLevel.REDUCE_ONLY, scope="session:demo"), breaker_session="demo"
    )
    rig.instant(at(0), [raise_, verdict(at(0))])
    assert rig.states() == ["PENDING", "SUBMITTING", "WORKING"]
    assert rig.execution.confirmation().gate_epoch == 0


def test_on_the_wall_s_clock_the_gate_s_word_counts() -> None:
    """Whichever comes first acts, and a lowering needs the breaker's end too."""
    rig = SessionRig(parameters=execution_parameters(lockstep=False))
    rig.instant(at(0), [instrument(), bar(0, FLAT)])
    raise_ = msgspec.structs.replace(
        raised(GateLevel.REDUCE_ONLY, scope="session:demo"), breaker_session="demo"
    )
    rig.instant(at(0), [raise_, verdict(at(0))])
    assert rig.states() == ["REJECTED"]
    rig.instant(at(0), [held(), lowered(GateLevel.OPEN, scope="session:demo")])
    assert rig.execution.confirmation().level.name == "REDUCE_ONLY"
    rig.instant(at(0), [over()])
    assert rig.execution.confirmation().level.name == "OPEN"
