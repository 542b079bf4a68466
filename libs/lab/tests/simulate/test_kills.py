"""A kill that is asked for while execution dies is confirmed all the same."""

import pytest

from tidegate_chassis.host.crash import POINTS
from tidegate_contracts.risk import GateLevel
from tidegate_lab.simulate.hour import play
from tidegate_lab.simulate.plan import DISK_FULL, Fault, Plan, seed_of
from tidegate_lab.simulate.world import VENUES

REMOTE = VENUES[1]


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_outlives_a_crash_that_it_meets(point: str) -> None:
    """The first notice dies in execution's memory, unstored and unanswered: it is told again."""
    crash = Fault("crash", 26.8, "execution", amount=1, point=point)
    kill = Fault(
        "kill_switch",
        26.9,
        "account:sim",
        for_s=3.9,
        share=DISK_FULL,
        amount=GateLevel.FLATTENING,
        point="notice",
    )
    result = play(Plan(seed_of(2, 20), REMOTE, (crash, kill)))
    assert result.violations == ()
    assert result.crashes == 1
    assert result.goals["killed_and_confirmed"] == 1
